/* Drawing a shape, or one point, on the map, with Leaflet's core alone.
 *
 * Click by click a line grows; closed, it is a shape whose corners can be dragged, or reached with Tab and moved with the
 * arrows. The server hears of it once for each finished action, and is the one to refuse it. What the server holds is
 * shown when it is news; a shape in hand stays as the user has it.
 */
(function () {
  "use strict";

  const own = window.placesMap;
  const MOST_CORNERS = 500; // as maps.MOST_CORNERS
  const STEP = 8, FINE = 1; // pixels an arrow moves a corner, and with Shift
  const PAUSE = 500; // milliseconds after the last arrow, when the move counts as finished
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const WORDS = {
    drawing: "Click to add corners. Enter, or a click on the first corner, closes the shape.",
    point: "Click where the middle is. Drag it, or press the arrows on it, to move it.",
    closed: "Drag a corner, or reach it with Tab and press the arrows, to move it.",
    crossed: "The sides cross. Take back or move a corner.",
    full: "A shape has at most " + MOST_CORNERS + " corners. Close it.",
  };

  let mode = null; // what the page lets draw: "shape", "point" or null
  let active = false; // corners are being added
  let corners = [], before = []; // latlngs; `before` is what Cancel returns to
  let pointer = null; // where the line would go on to
  let held = false; // a corner is being moved
  let onCorner = null; // the corner that a click hit
  let seen = "[]", reported = []; // what the server held last; what it was told and has not yet shown
  let markers = [], line = null, bar, buttons, timer = null;

  // ---------------------------------------------------------------- start and update

  function start() {
    const map = own.state.map;
    buttons = { Draw: begin, "Take back": takeBack, Close: close, Cancel: cancel };
    bar = own.element("div", "leaflet-bar places-buttons places-draw");
    for (const name of Object.keys(buttons)) {
      const button = own.element("button", "", name);
      button.type = "button";
      button.addEventListener("click", buttons[name]);
      buttons[name] = button;
      bar.append(button);
    }
    own.control("topright", bar).addTo(map);
    map.on("mousemove", (event) => {
      if (!active || mode !== "shape") return;
      pointer = event.latlng;
      drawLine();
    });
    map.on("mouseout", () => {
      pointer = null;
      if (active) drawLine();
    });
    document.addEventListener("keydown", (event) => {
      const act = { Enter: close, Backspace: takeBack, Escape: cancel }[event.key];
      if (!active || mode !== "shape" || !act || (event.target.closest && event.target.closest("button, input, summary"))) return;
      act();
      event.preventDefault();
    });
    show();
  }

  function update(payload) {
    const wanted = JSON.stringify(payload.drawn), told = reported.indexOf(wanted);
    if (payload.drawing !== mode) {
      mode = payload.drawing;
      finish(latlngs(payload.drawn));
      reported = [];
    } else if (told >= 0) {
      reported.splice(0, told + 1); // the shape on screen is this one, or newer
    } else if (wanted !== seen && !active && !held) {
      corners = latlngs(payload.drawn);
    }
    seen = wanted;
    show();
  }

  function latlngs(pairs) {
    return pairs.map(([lon, lat]) => L.latLng(lat, lon));
  }

  // ---------------------------------------------------------------- what the user does

  function begin() {
    before = corners;
    corners = [];
    active = true;
    own.state.map.getContainer().focus({ preventScroll: true });
    show();
  }

  function click(latlng) {
    const corner = onCorner;
    onCorner = null;
    if (mode === "point" && corner === null) {
      corners = [latlng];
      report();
    } else if (mode === "shape" && active && corner === 0) {
      close();
    } else if (mode === "shape" && active && corner === null && corners.length < MOST_CORNERS) {
      const last = corners[corners.length - 1];
      if (!last || !last.equals(latlng)) corners = [...corners, latlng];
    }
    show();
    return mode === "point" || active || corner !== null;
  }

  function takeBack() {
    corners = corners.slice(0, -1);
    show();
  }

  function close() {
    if (!active || corners.length < 3) return;
    finish(corners);
    report();
    show();
  }

  function cancel() {
    finish(before);
    show();
  }

  function finish(shape) {
    active = false;
    pointer = null;
    corners = shape;
  }

  function moved() {
    clearTimeout(timer);
    timer = null;
    held = false;
    report();
    show();
  }

  function report() {
    const pairs = corners.map((at) => [at.lng, at.lat].map((degrees) => Math.round(degrees * 1e6) / 1e6));
    reported.push(JSON.stringify(pairs));
    own.report(null, mode === "point"
      ? { type: "Point", coordinates: pairs[0] }
      : { type: "Polygon", coordinates: [[...pairs, pairs[0]]] });
  }

  // ---------------------------------------------------------------- what is shown

  function show() {
    const container = own.state.map.getContainer();
    const drawing = active || mode === "point";
    bar.style.display = mode === "shape" ? "" : "none";
    buttons.Draw.disabled = active;
    buttons["Take back"].disabled = !active || !corners.length;
    buttons.Close.disabled = !active || corners.length < 3;
    buttons.Cancel.disabled = !active;
    container.classList.toggle("places-drawing", drawing);
    own.state.map.doubleClickZoom[drawing ? "disable" : "enable"]();
    drawCorners();
    drawLine();
  }

  function drawCorners() {
    const shown = mode === null ? [] : corners;
    while (markers.length > shown.length) markers.pop().remove();
    shown.forEach((at, i) => {
      if (!markers[i]) markers[i] = handle(i, at);
      markers[i].setLatLng(at).dragging[active ? "disable" : "enable"]();
      const node = markers[i].getElement();
      node.setAttribute("aria-label", mode === "point" ? "The point" : "Corner " + (i + 1) + " of " + shown.length);
      node.tabIndex = active ? -1 : 0;
      node.classList.toggle("places-first", active && i === 0 && shown.length >= 3);
    });
  }

  function handle(i, at) {
    const node = own.element("span");
    // The map hears of a click here too, and puts right what the component counts.
    const corner = L.marker(at, {
      draggable: true, keyboard: true, bubblingMouseEvents: true,
      icon: L.divIcon({ html: node, className: "places-corner", iconSize: [24, 24] }),
    }).addTo(own.state.map);
    corner.on("click", () => { onCorner = i; });
    corner.on("dragstart", () => { held = true; });
    corner.on("drag", () => place(i, corner.getLatLng()));
    corner.on("dragend", moved);
    corner.getElement().addEventListener("keydown", (event) => {
      const arrow = ARROWS[event.key];
      if (!arrow || active) return;
      const map = own.state.map, step = event.shiftKey ? FINE : STEP;
      held = true;
      place(i, map.containerPointToLatLng(map.latLngToContainerPoint(corners[i]).add(L.point(arrow).multiplyBy(step))));
      corner.setLatLng(corners[i]);
      clearTimeout(timer);
      timer = setTimeout(moved, PAUSE);
      event.preventDefault();
      event.stopPropagation();
    });
    corner.getElement().addEventListener("blur", () => { if (timer !== null) moved(); });
    return corner;
  }

  function place(i, at) {
    corners = corners.map((corner, j) => (j === i ? at : corner));
    drawLine();
  }

  function drawLine() {
    if (line) line.remove();
    line = null;
    const path = active && pointer ? [...corners, pointer] : active ? corners : [...corners, ...corners.slice(0, 1)];
    const wrong = mode === "shape" && crosses(path);
    if (mode === "shape" && path.length > 1) {
      const { payload, map } = own.state;
      line = own.cased([path], wrong ? payload.ink.warning : payload.lines.target.colour, 3, active || wrong ? "8 5" : "", L.polyline);
      line.addTo(map);
    }
    tell(mode === "point" ? WORDS.point : mode === null ? "" : wrong ? WORDS.crossed
      : active ? (corners.length < MOST_CORNERS ? WORDS.drawing : WORDS.full) : corners.length ? WORDS.closed : "");
  }

  /* The map's one note may hold somebody else's words, which an empty sentence of ours leaves. */
  function tell(words) {
    const there = own.state.note.textContent;
    if (there !== words && (words || Object.values(WORDS).includes(there))) own.say(words);
  }

  /* Whether two sides of a path cross or touch, but for neighbours in their common corner. */
  function crosses(path) {
    const last = path.length - 2; // the last side's number
    const closed = last > 1 && path[0].equals(path[last + 1]);
    for (let i = 0; i <= last; i++) {
      for (let j = i + 2; j <= last; j++) {
        if (!(closed && i === 0 && j === last) && meet(path[i], path[i + 1], path[j], path[j + 1])) return true;
      }
    }
    return false;
  }

  function meet(a, b, c, d) {
    const turn = (p, q, r) => Math.sign((q.lng - p.lng) * (r.lat - p.lat) - (q.lat - p.lat) * (r.lng - p.lng));
    const within = (p, q, r) => turn(p, q, r) === 0 && (r.lng - p.lng) * (r.lng - q.lng) <= 0 && (r.lat - p.lat) * (r.lat - q.lat) <= 0;
    return (turn(a, b, c) * turn(a, b, d) < 0 && turn(c, d, a) * turn(c, d, b) < 0)
      || within(a, b, c) || within(a, b, d) || within(c, d, a) || within(c, d, b);
  }

  own.parts.push({ start: start, update: update, click: click });
})();
