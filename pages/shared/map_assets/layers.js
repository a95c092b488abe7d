/* Layers that somebody switched on: points, lines and polygons from files of their own, over the areas.
 *
 * A file brings its own title, source, classes and names, which are only ever written with textContent. What is drawn
 * takes no pointer from the areas below: what lies under it is sought here, and named in the map's tooltip.
 */
(function () {
  "use strict";

  const own = window.placesMap;
  const PANES = { polygons: 410, lines: 415, points: 450 }; // outlines of areas lie above the first two, ranks above all
  const TYPES = {
    points: { Point: (at) => [[[at]]], MultiPoint: (all) => all.map((at) => [[at]]) },
    lines: { LineString: (path) => [[path]], MultiLineString: (paths) => [paths] },
    polygons: { Polygon: (rings) => [rings], MultiPolygon: (polygons) => [polygons.flat()] },
  };
  const COLOUR = /^#[0-9a-f]{6}$/i;
  const NEAR = 5; // pixels from a line or a mark that still count as on it
  const MOST_NAMED = 3;
  const LOST = "The layer could not be loaded; the rest is complete.";
  const HIDDEN = "places-map:hidden-layers";

  let read = new Map(); // what each address held; null while it is awaited
  let wanted = [], hidden = [], layers = [], look = "", sheets = {}, under = [];

  /* One canvas for all layers of a kind. Leaflet moves and scales it with the map and asks for a new drawing at rest. */
  const Sheet = L.Canvas.extend({
    items: [], // the points that are drawn: { x, y, item }
    _draw: function () {
      const { kind } = this.options, map = this._map, origin = map.getPixelOrigin(), factor = 2 ** map.getZoom();
      const view = { left: origin.x, top: origin.y, factor: factor, zoom: map.getZoom(), bounds: this._bounds };
      this._ctx.save();
      if (kind === "points") this.items = drawPoints(this._ctx, view);
      else shown(kind).forEach((layer) => drawPaths(this._ctx, layer, view));
      this._ctx.restore();
    },
  });

  const shown = (kind) => layers.filter((layer) => layer.kind === kind && !hidden.includes(layer.address));

  // ---------------------------------------------------------------- what is switched on

  function start() {
    const { map } = own.state;
    const kept = own.stored(HIDDEN);
    hidden = Array.isArray(kept) ? kept : [];
    look = "";
    for (const kind of Object.keys(PANES)) {
      const pane = map.createPane("places-layer-" + kind);
      pane.style.zIndex = PANES[kind];
      pane.style.pointerEvents = "none";
      sheets[kind] = new Sheet({ pane: "places-layer-" + kind, padding: 0.2, kind: kind });
    }
    map.on("mousemove", (event) => {
      const aside = event.originalEvent.target.closest(".leaflet-control");
      point(aside ? [] : find(event.layerPoint), event.containerPoint);
    });
    map.on("mouseout movestart zoomstart", () => point([]));
  }

  function update(payload) {
    wanted = payload.layers;
    hide(hidden.filter((address) => wanted.includes(address)));
    wanted.filter((address) => !read.has(address)).forEach(load);
    show();
  }

  function load(address) {
    read.set(address, null);
    own.fetchJson(address)
      .then((data) => {
        read.set(address, layerOf(address, data));
        show();
      })
      .catch(() => {
        read.delete(address); // the next rerun asks again
        if (wanted.includes(address)) own.say(LOST);
      });
  }

  function show() {
    const { payload, note } = own.state;
    layers = wanted.map((address) => read.get(address)).filter(Boolean);
    // A class keeps its mark whatever else is on: the page numbers those of every layer there is.
    for (const layer of layers) layer.first = payload.marks[wanted.indexOf(layer.address)];
    if (note.textContent === LOST && layers.length === wanted.length) own.say("");
    const now = JSON.stringify([layers.map((layer) => [layer.address, layer.first]), payload.ink, payload.large]);
    if (now === look) return;
    look = now;
    layers.forEach((layer) => { layer.gathered = null; });
    redraw();
    own.layerLegend.show(layers, hidden, toggle);
  }

  function toggle(address, visible) {
    hide(visible ? hidden.filter((other) => other !== address) : [...hidden, address]);
    redraw();
  }

  function hide(addresses) {
    if (String(addresses) === String(hidden)) return;
    hidden = addresses;
    own.stored(HIDDEN, hidden);
  }

  function redraw() {
    point([]);
    for (const kind of Object.keys(sheets)) {
      const sheet = sheets[kind], map = own.state.map;
      if (!shown(kind).length) sheet.remove().items = [];
      else if (map.hasLayer(sheet)) sheet._redraw();
      else sheet.addTo(map);
    }
    if (!shown("points").length) own.layerLegend.counted(false);
  }

  // ---------------------------------------------------------------- reading a file

  /* A layer as it is drawn; throws if the file is none. What is wrong with one feature leaves out that feature. */
  function layerOf(address, data) {
    const types = TYPES[data.kind];
    if (!types || !Array.isArray(data.features)) throw new TypeError("no layer");
    const colour = colourOf(data.colour, own.state.payload.ink.missing);
    const styles = (data.classes || []).map((each) => ({ means: String(each.means), colour: colourOf(each.colour, colour) }));
    const features = [], named = styles.length;
    for (const each of data.features) {
      try {
        const { n, c } = each.properties || {}, style = Number.isInteger(c) && c >= 0 && c < named ? c : named;
        for (const paths of types[each.geometry.type](each.geometry.coordinates)) {
          const parts = paths.map(flat);
          features.push({ name: n === null || n === undefined ? "" : String(n), style: style, parts: parts, box: boxOf(parts) });
        }
      } catch (malformed) {
        continue;
      }
    }
    if (features.some((feature) => feature.style === named)) styles.push({ means: named ? "Not stated" : "", colour: colour });
    return {
      address: address, kind: data.kind, colour: colour, styles: styles, features: features,
      title: String(data.title || "Layer"), source: String(data.source || "not stated"), date: String(data.date || "not dated"),
    };
  }

  function colourOf(text, otherwise) {
    return COLOUR.test(text) ? text : otherwise;
  }

  /* x, y, x, y, ... in pixels of zoom 0. */
  function flat(path) {
    const numbers = new Float64Array(2 * path.length);
    path.forEach(([lon, lat], i) => {
      if (![lon, lat].every(Number.isFinite) || Math.abs(lon) > 180 || Math.abs(lat) > 90) throw new RangeError("not on earth");
      const at = L.CRS.EPSG3857.latLngToPoint(L.latLng(lat, lon), 0);
      numbers[2 * i] = at.x;
      numbers[2 * i + 1] = at.y;
    });
    return numbers;
  }

  function boxOf(parts) {
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    for (const part of parts) {
      for (let i = 0; i < part.length; i += 2) {
        box[0] = Math.min(box[0], part[i]);
        box[1] = Math.min(box[1], part[i + 1]);
        box[2] = Math.max(box[2], part[i]);
        box[3] = Math.max(box[3], part[i + 1]);
      }
    }
    return box;
  }

  // ---------------------------------------------------------------- drawing

  function drawPoints(pen, view) {
    const visible = shown("points"), singles = [], boxes = [];
    visible.forEach((layer, row) => {
      const key = [view.zoom, row, visible.length].join();
      if (!layer.gathered || layer.gathered.key !== key) {
        layer.gathered = { key: key, items: own.layerPoints.gather(pen, layer, view.zoom, row, visible.length) };
      }
      for (const item of layer.gathered.items) {
        const x = item.x - view.left, y = item.y - view.top;
        if (view.bounds.contains([x, y])) (item.text ? boxes : singles).push({ x: x, y: y, item: item });
      }
    });
    const drawn = [...singles, ...boxes];
    own.layerLegend.counted(boxes.length > 0);
    for (const { x, y, item } of drawn) own.layerPoints.draw(pen, item, x, y);
    return drawn;
  }

  function drawPaths(pen, layer, view) {
    const there = layer.features.filter((feature) => inView(feature.box, view));
    layer.styles.forEach((style, i) => {
      const members = there.filter((feature) => feature.style === i), closed = layer.kind === "polygons";
      if (closed) {
        const paths = members.map((feature) => trace(new Path2D(), feature, view, true));
        own.marks.polygon(pen, paths, layer.first + i, style.colour);
      } else {
        const path = members.reduce((all, feature) => trace(all, feature, view, false), new Path2D());
        own.marks.line(pen, path, layer.first + i, style.colour);
      }
    });
  }

  function inView(box, view) {
    const [left, top, right, bottom] = box.map((at, i) => at * view.factor - (i % 2 ? view.top : view.left));
    const { min, max } = view.bounds;
    return left <= max.x && right >= min.x && top <= max.y && bottom >= min.y;
  }

  /* Corners less than a pixel from the last one are left out. */
  function trace(path, feature, view, closed) {
    for (const part of feature.parts) {
      let lastX = NaN, lastY = NaN;
      for (let i = 0; i < part.length; i += 2) {
        const x = part[i] * view.factor - view.left, y = part[i + 1] * view.factor - view.top;
        if (i && i < part.length - 2 && Math.abs(x - lastX) < 1 && Math.abs(y - lastY) < 1) continue;
        if (i) path.lineTo(x, y);
        else path.moveTo(x, y);
        lastX = x;
        lastY = y;
      }
      if (closed) path.closePath();
    }
    return path;
  }

  // ---------------------------------------------------------------- what lies under the pointer

  function point(found, at) {
    const news = found.length !== under.length || found.some((one, i) => one.thing !== under[i].thing);
    under = found;
    if (news || (found.length && at)) own.retell(at);
  }

  /* The topmost first: { thing, layer }, where a thing is a feature or a box of points. */
  function find(at) {
    return [...findPaths(at, "polygons"), ...findPaths(at, "lines"), ...findPoints(at)].reverse();
  }

  function findPaths(at, kind) {
    const { map } = own.state, origin = map.getPixelOrigin(), pen = document.createElement("canvas").getContext("2d");
    const near = L.bounds(at.subtract([NEAR, NEAR]), at.add([NEAR, NEAR]));
    const view = { left: origin.x, top: origin.y, factor: 2 ** map.getZoom(), bounds: near };
    pen.lineWidth = 2 * NEAR;
    const hit = (feature) => {
      if (!inView(feature.box, view)) return false;
      const path = trace(new Path2D(), feature, view, kind === "polygons");
      return kind === "polygons" ? pen.isPointInPath(path, at.x, at.y, "evenodd") : pen.isPointInStroke(path, at.x, at.y);
    };
    return shown(kind).flatMap((layer) => layer.features.filter(hit).map((feature) => ({ thing: feature, layer: layer })));
  }

  function findPoints(at) {
    const reach = NEAR * own.marks.scale() + 2;
    return sheets.points.items
      .filter(({ x, y, item }) => Math.abs(at.x - x) <= (item.width / 2 || reach) && Math.abs(at.y - y) <= (item.height / 2 || reach))
      .map(({ item }) => ({ thing: item.feature || item, layer: item.layer }));
  }

  function pointed() {
    const blocks = under.slice(0, MOST_NAMED).map(({ thing, layer }) => {
      if (thing.text) return [thing.text + " points", layer.title, "Zoom in to see each"];
      const means = layer.styles[thing.style].means;
      return [thing.name || means || layer.title, thing.name && means, (thing.name || means) && layer.title];
    });
    if (under.length > MOST_NAMED) blocks.push(["and " + (under.length - MOST_NAMED) + " more here"]);
    return blocks;
  }

  own.parts.push({ start: start, update: update, pointed: pointed });
})();
