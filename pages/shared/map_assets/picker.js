/* Areas by keyboard: a list with one line, which the arrows step through. */
(function () {
  "use strict";

  const own = window.placesMap;
  let box, option, picked = 0, order = null, ordered = null;

  function start() {
    box = own.element("div", "places-picker");
    box.tabIndex = 0;
    box.setAttribute("role", "listbox");
    box.setAttribute("aria-label", "Areas on the map, highest value first. Up and down arrows step, Enter selects.");
    option = own.element("div");
    option.setAttribute("role", "option");
    box.append(option, own.element("small", "", "Up and down: step. Enter: select. Home: highest."));
    box.lastChild.setAttribute("aria-hidden", "true");
    box.addEventListener("focus", () => {
      const selected = ranked().indexOf(own.state.payload.selected);
      pick(selected >= 0 ? selected : Math.min(picked, ranked().length - 1));
    });
    box.addEventListener("blur", () => own.hover(null));
    box.addEventListener("keydown", (event) => {
      if (!ranked().length) return;
      const last = ranked().length - 1;
      const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity };
      if (event.key in steps) pick(Math.min(last, Math.max(0, picked + steps[event.key])));
      else if (event.key === "Enter" || event.key === " ") own.press(ranked()[picked], own.middle(ranked()[picked]));
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    own.control("topright", box).addTo(own.state.map);
  }

  /* The areas' numbers, highest value first. */
  function ranked() {
    const { shown, areas } = own.state;
    if (order && ordered.shown === shown && ordered.areas === areas) return order;
    const { values, classes } = shown;
    const height = (i) => (!/[0-8]/.test(classes[i]) ? -1 : values ? values[i] ?? -1 : Number(classes[i]));
    order = areas.map((_, i) => i).filter((i) => classes[i] !== own.OUTSIDE && areas[i].layer);
    order.sort((a, b) => height(b) - height(a) || a - b);
    ordered = { shown: shown, areas: areas };
    return order;
  }

  function pick(position) {
    if (!ranked().length) return;
    picked = position;
    const index = ranked()[position];
    own.hover(index);
    own.bringIntoView(own.state.areas[index].layer);
    describePicked();
  }

  function describePicked() {
    if (document.activeElement !== box || !ranked().length) return;
    box.setAttribute("aria-multiselectable", String(own.state.payload.picking));
    picked = Math.min(picked, ranked().length - 1);
    const index = ranked()[picked];
    option.id = "places-option-" + index;
    option.textContent = [own.state.areas[index].name, own.describe(index)].filter(Boolean).join(": ");
    const chosen = own.state.payload.picking ? own.state.payload.picked.includes(index) : index === own.state.payload.selected;
    option.setAttribute("aria-selected", String(chosen));
    option.setAttribute("aria-posinset", String(picked + 1));
    option.setAttribute("aria-setsize", String(ranked().length));
    box.setAttribute("aria-activedescendant", option.id);
  }

  own.parts.push({ start: start, painted: describePicked });
})();
