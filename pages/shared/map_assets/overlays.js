/* What lies over the areas: outlines of locations and of the areas' roles around them, and drawn shapes.
 *
 * Each kind has its own weight and dashes, which Python sends as payload.lines. A group of areas gets one line round the
 * whole. Nothing here takes the pointer from the areas below.
 */
(function () {
  "use strict";

  const own = window.placesMap;
  const ROLES = {
    target: "Target", ring: "Ring", gap: "Gap", control: "Control", ring_control: "Ring control", other: "Other location",
  };
  let layers = [], shown = "";

  /* A line along the inside of its border: two areas side by side, such as target and gap, each keep their own. */
  const Inside = L.Polygon.extend({
    _updatePath: function () {
      const pen = this._renderer._ctx;
      pen.save();
      pen.beginPath();
      for (const part of this._parts) {
        part.forEach((at, i) => (i ? pen.lineTo(at.x, at.y) : pen.moveTo(at.x, at.y)));
        pen.closePath();
      }
      pen.clip("evenodd");
      L.Polygon.prototype._updatePath.call(this);
      pen.restore();
    },
  });
  const inside = (latlngs, options) => new Inside(latlngs, options);

  function painted() {
    const { payload, areasUrl, areas, map } = own.state;
    const groups = payload.picked.length ? [["target", payload.picked, null], ...payload.outlines] : payload.outlines;
    const wanted = JSON.stringify([groups, payload.shapes, payload.lines, payload.ink.casing, payload.large, areasUrl]);
    if (wanted === shown) return;
    shown = wanted;
    layers.forEach((layer) => layer.remove());
    layers = [];
    const kinds = Object.keys(ROLES).reverse(); // the target is drawn last, over all others
    const later = (a, b) => kinds.indexOf(a[0]) - kinds.indexOf(b[0]);
    for (const [kind, members, number] of [...groups].sort(later)) {
      const there = members.filter((i) => areas[i].layer).map((i) => areas[i].layer);
      draw(border(there.flatMap((layer) => own.polygonsOf(layer).flat())), kind, number);
    }
    for (const [kind, polygons, number] of [...payload.shapes].sort(later)) {
      draw(polygons.flat().map((ring) => ring.map(([lon, lat]) => L.latLng(lat, lon))), kind, number);
    }
    if (own.state.selectedLayer) own.state.selectedLayer.bringToFront();

    function draw(rings, kind, number) {
      if (!rings.length) return;
      const { colour, weight, dash } = payload.lines[kind];
      const scale = payload.large ? 1.5 : 1;
      const strokes = dash.map((part) => part * scale).join(" ");
      layers.push(own.cased(rings.map((ring) => [ring]), colour, 2 * weight * scale, strokes, inside).addTo(map));
      if (number === null) return;
      const size = payload.large ? 32 : 20, bounds = L.latLngBounds(rings.flat());
      const node = own.element("span", "places-point places-number", String(number));
      const holder = own.marker("points", bounds.getNorth(), bounds.getCenter().lng, node, size, size, "places-point-holder");
      layers.push(holder.addTo(map));
    }
  }

  /* The lines that bound these rings' union: a side that two of them share, once in each direction, is inside. */
  function border(rings) {
    const key = (a, b) => a.lng + " " + a.lat + " " + b.lng + " " + b.lat;
    const sides = new Map(), from = new Map();
    for (const ring of rings) {
      ring.forEach((a, i) => {
        const b = ring[(i + 1) % ring.length];
        if (!sides.delete(key(b, a))) sides.set(key(a, b), [a, b]);
      });
    }
    for (const [name, [a]] of sides) {
      const start = a.lng + " " + a.lat;
      from.set(start, [...(from.get(start) || []), name]);
    }
    const paths = [];
    for (const [first] of sides) {
      if (!sides.has(first)) continue;
      const path = [sides.get(first)[0]];
      for (let next = first; next; next = (from.get(end(path)) || []).find((name) => sides.has(name))) {
        path.push(sides.get(next)[1]);
        sides.delete(next);
      }
      paths.push(path); // its last corner is its first
    }
    return paths;
  }

  function end(path) {
    const last = path[path.length - 1];
    return last.lng + " " + last.lat;
  }

  function describe(index) {
    const { outlines, picked } = own.state.payload;
    const roles = outlines.filter(([, members]) => members.includes(index))
      .map(([kind, , number]) => ROLES[kind] + (number === null ? "" : " " + number));
    return picked.includes(index) ? ["Chosen", ...roles] : roles;
  }

  own.parts.push({ painted: painted, describe: describe });
})();
