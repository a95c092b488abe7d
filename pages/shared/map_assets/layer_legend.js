/* The legend of the layers on the map: whose they are, what their marks mean, and a box each to hide it for now. Closed, it
 * is a strip along the foot of the map that names them only.
 */
(function () {
  "use strict";

  const own = window.placesMap;
  const OPEN = "places-map:layers-open";
  const MOST_MARKS = 4; // of a layer in the closed legend
  let box, details, title, brief, list, counts;

  function start() {
    box = own.element("div", "places-layers");
    details = own.element("details");
    const summary = own.element("summary");
    title = own.element("strong");
    brief = own.element("div", "places-brief");
    summary.append(title, brief);
    list = own.element("div");
    counts = own.element("small", "", "Boxes count points, not offences");
    details.append(summary, list);
    summary.addEventListener("click", () => own.stored(OPEN, !details.open)); // it opens or closes after this
    details.addEventListener("toggle", placeCounts);
    box.append(details);
    placeCounts();
    L.DomEvent.disableScrollPropagation(box);
    own.control("bottomright", box).addTo(own.state.map);
    box.style.display = counts.style.display = "none";
  }

  /* `toggle(address, visible)` is called when somebody hides or shows one. */
  function show(layers, hidden, toggle) {
    const arrives = box.style.display === "none" && layers.length;
    if (arrives) details.open = false;
    box.style.display = layers.length ? "" : "none";
    title.textContent = "Layers (" + layers.length + ")";
    const lines = layers.map(line), visible = (layer) => !hidden.includes(layer.address);
    brief.replaceChildren(...lines);
    placeCounts();
    list.replaceChildren(...layers.map((layer, i) => entry(layer, visible(layer), (shown) => {
      lines[i].style.display = shown ? "" : "none";
      toggle(layer.address, shown);
    })));
    layers.forEach((layer, i) => { lines[i].style.display = visible(layer) ? "" : "none"; });
    if (!arrives) return;
    own.arrange(); // to its room while it is closed
    details.open = own.stored(OPEN) === true;
  }

  /* In line with the names while they are all there is. */
  function placeCounts() {
    (details.open ? box : brief).append(counts);
  }

  const samples = (layer, most) => layer.styles.slice(0, most)
    .map((style, i) => own.marks.sample(layer.kind, layer.first + i, style.colour));

  function line(layer) {
    const node = own.element("div");
    node.append(...samples(layer, MOST_MARKS), own.element("span", "", layer.title));
    return node;
  }

  function entry(layer, visible, change) {
    const node = own.element("div", "places-layer"), label = own.element("label"), tick = own.element("input");
    tick.type = "checkbox";
    tick.checked = visible;
    tick.addEventListener("change", () => change(tick.checked));
    const plain = !layer.styles.some((style) => style.means);
    label.append(tick, ...(plain ? samples(layer) : []), own.element("strong", "", layer.title));
    const source = own.element("small", "", "Source: " + layer.source + ", ");
    source.append(own.element("span", "", layer.date));
    node.append(label, source);
    if (plain) return node;
    const classes = own.element("ul");
    samples(layer).forEach((sample, i) => {
      const item = own.element("li");
      item.append(sample, own.element("span", "", layer.styles[i].means));
      classes.append(item);
    });
    node.append(classes);
    return node;
  }

  /* Whether boxes with numbers are on the map. */
  function counted(any) {
    counts.style.display = any ? "" : "none";
  }

  own.layerLegend = { show: show, counted: counted };
  own.parts.push({ start: start });
})();
