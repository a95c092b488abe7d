/* Points of layers: each as its mark, or where many are close together, one box with their number.
 *
 * All layers share a grid of the screen's pixels, each with a row of its own in a cell, so that no two boxes meet.
 */
(function () {
  "use strict";

  const own = window.placesMap;
  const CELL = 60, BOX = 18; // pixels: a cell of the grid, the height of a box
  const MOST_SINGLE = 3; // points of a layer in a cell that are drawn one by one
  const STREETS = 15; // from this zoom all are
  const NUMBER = new Intl.NumberFormat("en-GB");

  const font = () => "600 " + (own.state.payload.large ? 20 : 11) + 'px Arial, Helvetica, "Liberation Sans", sans-serif';

  /* The points of a layer at a zoom, in its pixels: { x, y, feature } or { x, y, width, height, count, style }. */
  function gather(pen, layer, zoom, row, rows) {
    const scale = own.marks.scale(), height = BOX * scale + (scale > 1 ? 3 : 0);
    const cell = Math.max(CELL * scale, (height + 4) * rows), factor = 2 ** zoom;
    const cells = new Map(), items = [];
    const single = (feature) => {
      const [x, y] = feature.parts[0];
      return { x: x * factor, y: y * factor, feature: feature, layer: layer };
    };
    if (zoom >= STREETS) return layer.features.map(single);
    for (const feature of layer.features) {
      const [x, y] = feature.parts[0];
      const key = Math.floor((x * factor) / cell) * 2 ** 24 + Math.floor((y * factor) / cell);
      const members = cells.get(key);
      if (members) members.push(feature);
      else cells.set(key, [feature]);
    }
    pen.font = font();
    for (const members of cells.values()) {
      if (members.length <= MOST_SINGLE) items.push(...members.map(single));
      else items.push(box(members));
    }
    return items;

    function box(members) {
      const style = members[0].style, pure = members.every((one) => one.style === style);
      const text = NUMBER.format(members.length);
      const width = pen.measureText(text).width + (pure ? 24 : 12) * scale;
      const middle = (axis) => (members.reduce((sum, one) => sum + one.parts[0][axis], 0) / members.length) * factor;
      const inside = (at, shift, room, size) => {
        const from = Math.floor(at / cell) * cell + shift;
        return Math.min(from + room - size / 2, Math.max(from + size / 2, at));
      };
      return {
        x: inside(middle(0), 0, cell, width), y: inside(middle(1), (row * cell) / rows, cell / rows, height + 2),
        width: width, height: height, text: text, style: pure ? style : null, layer: layer,
      };
    }
  }

  function draw(pen, item, x, y) {
    const { layer } = item;
    if (item.feature) return mark(item.feature.style, x);
    const ink = own.state.payload.ink, scale = own.marks.scale();
    const left = x - item.width / 2, top = y - item.height / 2, colour = layer.colour;
    for (const [wider, fill] of [[2, ink.casing], [1, colour], [-1, ink.halo]]) {
      pen.beginPath();
      pen.roundRect(left - wider, top - wider, item.width + 2 * wider, item.height + 2 * wider, 4 + wider);
      pen.fillStyle = fill;
      pen.fill();
    }
    if (item.style !== null) mark(item.style, left + 10 * scale);
    pen.font = font();
    pen.fillStyle = ink.text;
    pen.textAlign = "right";
    pen.textBaseline = "middle";
    pen.fillText(item.text, left + item.width - 6 * scale, y + 1);

    function mark(style, at) {
      own.marks.point(pen, [at, y], layer.first + style, layer.styles[style].colour);
    }
  }

  own.layerPoints = { gather: gather, draw: draw };
})();
