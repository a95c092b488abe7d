/* The map by month: every step was sent at once, and is painted here without asking the server. */
(function () {
  "use strict";

  const own = window.placesMap;
  const NAMES = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December"];
  const MISSING = /^[-x]*$/;
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");
  let months = null, step = 0, timer = null, sent = "";
  let box, title, absent, previous, play, next, range;

  function start() {
    box = own.element("div", "leaflet-bar places-months");
    title = own.element("div", "places-month");
    absent = own.element("div", "places-absent");
    const row = own.element("div", "places-buttons");
    previous = button("Previous", () => halt(step - 1));
    play = button("Play", () => (timer === null ? run() : halt(step)));
    next = button("Next", () => halt(step + 1));
    range = own.element("input");
    Object.assign(range, { type: "range", min: 0, step: 1 });
    range.setAttribute("aria-label", "Month");
    range.addEventListener("input", () => halt(Number(range.value)));
    row.append(previous, play, next, range);
    title.append(own.element("span"), absent);
    box.append(title, row);
    own.control("bottomleft", box).addTo(own.state.map);
    box.style.display = "none";
  }

  function button(name, act) {
    const node = own.element("button", "", name);
    node.type = "button";
    node.addEventListener("click", act);
    return node;
  }

  function update(payload) {
    const arrived = JSON.stringify(payload.months);
    if (arrived !== sent) {
      sent = arrived;
      const label = months ? months.labels[step] : own.stored(key());
      months = payload.months;
      if (months) {
        months.rows = months.values && months.values.map(counts);
        const kept = months.labels.indexOf(label);
        step = kept >= 0 ? kept : months.labels.length - 1;
        range.max = months.labels.length - 1;
      } else {
        stop();
      }
    }
    box.style.display = months ? "" : "none";
    if (months) set(step);
  }

  function counts(row) {
    const count = (text) => (text === "-" ? null : text[0] === "(" ? Number(text.slice(1, -1)) : parseInt(text, 36));
    return (row.match(/\(\d+\)|./g) || []).map(count);
  }

  function key() {
    return own.viewName() + ":month";
  }

  // ---------------------------------------------------------------- steps

  function set(to) {
    const last = months.labels.length - 1;
    step = Math.min(last, Math.max(0, to));
    const name = words(months.labels[step]);
    title.firstChild.textContent = name;
    absent.textContent = MISSING.test(months.classes[step]) ? "No data" : "";
    range.value = step;
    range.setAttribute("aria-valuetext", absent.textContent ? name + ": no data" : name);
    previous.disabled = step === 0;
    next.disabled = step === last;
    play.textContent = timer === null ? "Play" : "Pause";
    own.stored(key(), months.labels[step]);
    own.show(months.classes[step], months.rows && months.rows[step]);
  }

  function go(to) {
    set(to);
    own.repaint();
  }

  function halt(at) {
    stop();
    go(at);
  }

  function stop() {
    clearInterval(timer);
    timer = null;
  }

  function run() {
    const last = months.labels.length - 1;
    timer = setInterval(() => (step >= last - 1 ? halt(last) : go(step + 1)), still.matches ? 1000 : 600);
    go(step === last ? 0 : step);
  }

  /* "2025-03": March 2025; "2025-01/2025-03": January to March 2025. */
  function words(label) {
    const [from, to] = label.split("/").map((month) => month.split("-"));
    const month = ([year, number]) => NAMES[Number(number) - 1] + " " + year;
    if (!to) return month(from);
    return (from[0] === to[0] ? NAMES[Number(from[1]) - 1] : month(from)) + " to " + month(to);
  }

  own.parts.push({ start: start, update: update, describe: () => (months ? [title.firstChild.textContent] : []) });
})();
