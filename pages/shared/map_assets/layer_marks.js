/* How the classes of a layer look, on the map and in its legend: colour, and beside it a shape, dashes or a hatching.
 *
 * Each kind of layer has one function of (pen, what to draw, the number of the mark, its colour). Whatever the ground, a
 * mark stays visible by its casing.
 */
(function () {
  "use strict";

  const own = window.placesMap;
  const regular = (corners, turn, size) => Array.from({ length: corners }, (_, i) => {
    const angle = (2 * Math.PI * i) / corners - Math.PI / 2 + turn;
    return [size * Math.cos(angle), size * Math.sin(angle)];
  });
  const PLUS = [[-1, -3], [1, -3], [1, -1], [3, -1], [3, 1], [1, 1], [1, 3], [-1, 3], [-1, 1], [-3, 1], [-3, -1], [-1, -1]]
    .map(([x, y]) => [x * 0.42, y * 0.42]);
  const STAR = regular(10, 0, 1.5).map(([x, y], i) => (i % 2 ? [x * 0.45, y * 0.45] : [x, y]));
  // Corners about the middle, sized to look equally large. The first ones are the easiest to tell apart.
  const SHAPES = [
    regular(24, 0, 1), regular(4, Math.PI / 4, 1.25), regular(3, 0, 1.4), regular(4, 0, 1.35), PLUS, STAR, regular(3, Math.PI, 1.4),
    PLUS.map(([x, y]) => [(x - y) * Math.SQRT1_2, (x + y) * Math.SQRT1_2]),
  ];
  const DASHES = [[], [9, 5], [2, 5], [12, 4, 2, 4], [4, 4]];
  const TILE = 12; // pixels from one line of a hatching to the next
  // None runs as that of an area without data does, nor are there its dots of too few to show.
  const HATCHES = [
    [[-1, -1, 13, 13], [-1, 11, 1, 13], [11, -1, 13, 1]], [[0, 6, 12, 6]], [[6, 0, 6, 12]], [[0, 6, 12, 6], [6, 0, 6, 12]],
    [[-1, -1, 13, 13], [-1, 13, 13, -1]],
  ];

  const STAMP = 20; // pixels that hold a mark with its casing
  const RATIO = L.Browser.retina ? 2 : 1; // as Leaflet scales its canvases
  const stamps = new Map();

  const scale = () => (own.state.payload.large ? 1.5 : 1);
  const pick = (marks, number) => marks[number % marks.length];

  /* `at`: [x, y] of the middle. */
  function point(pen, at, number, colour) {
    const { ink } = own.state.payload, key = [number, colour, scale(), ink.text, ink.casing].join();
    if (!stamps.has(key)) stamps.set(key, stamp(number, colour));
    const side = STAMP * scale();
    pen.drawImage(stamps.get(key), Math.round(at[0] - side / 2), Math.round(at[1] - side / 2), side, side);
  }

  /* A mark drawn once, since a thousand outlines drawn anew would make a pan stutter. */
  function stamp(number, colour) {
    const node = document.createElement("canvas"), size = 4.5 * scale();
    node.width = node.height = STAMP * scale() * RATIO;
    const pen = node.getContext("2d");
    pen.scale(RATIO, RATIO);
    pen.translate((STAMP * scale()) / 2, (STAMP * scale()) / 2);
    pen.beginPath();
    for (const [x, y] of pick(SHAPES, number)) pen.lineTo(size * x, size * y);
    pen.closePath();
    cased(pen, own.state.payload.ink, 0);
    pen.fillStyle = colour;
    pen.fill();
    return node;
  }

  /* `path`: a Path2D, which may hold many lines. */
  function line(pen, path, number, colour) {
    const weight = 2.2 * scale();
    cased(pen, own.state.payload.ink, weight, path);
    stroke(pen, colour, weight, path, pick(DASHES, number));
  }

  /* `paths`: a Path2D for each polygon; one for all would leave holes where two overlap. */
  function polygon(pen, paths, number, colour) {
    const weight = 2 * scale(), hatching = hatch(pen, pick(HATCHES, number), colour);
    for (const path of paths) {
      pen.globalAlpha = 0.1;
      pen.fillStyle = colour;
      pen.fill(path, "evenodd");
      pen.globalAlpha = 1;
      pen.fillStyle = hatching;
      pen.fill(path, "evenodd");
    }
    for (const path of paths) stroke(pen, own.state.payload.ink.casing, weight + 2, path);
    for (const path of paths) stroke(pen, colour, weight, path, [7, 4]);
  }

  function cased(pen, ink, weight, path) {
    stroke(pen, ink.text, weight + 3.2, path);
    stroke(pen, ink.casing, weight + 2, path);
  }

  function stroke(pen, colour, weight, path, dash) {
    pen.setLineDash((dash || []).map((part) => part * scale()));
    pen.lineJoin = "round";
    pen.strokeStyle = colour;
    pen.lineWidth = weight;
    if (path) pen.stroke(path);
    else pen.stroke();
  }

  function hatch(pen, lines, colour) {
    const tile = document.createElement("canvas"), ink = own.state.payload.ink;
    tile.width = tile.height = TILE;
    const inner = tile.getContext("2d");
    const path = new Path2D();
    for (const [x, y, toX, toY] of lines) {
      path.moveTo(x, y);
      path.lineTo(toX, toY);
    }
    inner.globalAlpha = 0.6;
    inner.strokeStyle = ink.casing;
    inner.lineWidth = 2.6;
    inner.stroke(path);
    inner.globalAlpha = 1;
    inner.strokeStyle = colour;
    inner.lineWidth = 1.1;
    inner.stroke(path);
    return pen.createPattern(tile, "repeat");
  }

  /* A sample for the legend. */
  function sample(kind, number, colour) {
    const node = own.element("canvas", "places-sample");
    const width = (kind === "points" ? 16 : 26) * scale(), height = 16 * scale();
    node.width = width * RATIO;
    node.height = height * RATIO;
    node.style.width = width + "px";
    node.style.height = height + "px";
    node.setAttribute("aria-hidden", "true");
    const pen = node.getContext("2d"), path = new Path2D();
    pen.scale(RATIO, RATIO);
    if (kind === "points") {
      point(pen, [width / 2, height / 2], number, colour);
    } else if (kind === "lines") {
      path.moveTo(0, height / 2);
      path.lineTo(width, height / 2);
      line(pen, path, number, colour);
    } else {
      path.rect(2, 2, width - 4, height - 4);
      polygon(pen, [path], number, colour);
    }
    return node;
  }

  own.marks = { point: point, line: line, polygon: polygon, sample: sample, scale: scale };
})();
