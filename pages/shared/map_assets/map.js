/* The map of areas. Python calls placesMap.start once and placesMap.update on every rerun.
 *
 * The payload holds numbers, colours and codes. Names come from the boundary files and are only ever
 * written with textContent. The layers stand outside Python's feature group, so a rerun restyles
 * what changed and moves nothing.
 *
 * Other files join in through placesMap.parts, an object each, whose functions are called if it has them: start(), once
 * the map stands; update(payload), on every rerun, before areas are painted; painted(), after; click(latlng), true if the
 * click was for it and chooses no area; describe(index), words for the tooltip of an area; pointed(), blocks of words on what
 * else is under the pointer. They find what they share in placesMap.
 */
(function () {
  "use strict";

  const KINDS = {
    offences: ["offence", "offences"],
    offence_rate: ["offence per 1,000 residents a year", "offences per 1,000 residents a year"],
    offence_rate_other: ["offence a year per 1,000 of what the legend names", "offences a year per 1,000 of what the legend names"],
    offence_density: ["offence per km² a year", "offences per km² a year"],
    asb: ["ASB incident", "ASB incidents"],
    asb_rate: ["ASB incident per 1,000 residents a year", "ASB incidents per 1,000 residents a year"],
    asb_rate_other: ["ASB incident a year per 1,000 of what the legend names", "ASB incidents a year per 1,000 of what the legend names"],
    asb_density: ["ASB incident per km² a year", "ASB incidents per km² a year"],
    severity: ["of severity", "of severity"],
    gi_star: ["standard deviation from chance (Gi*)", "standard deviations from chance (Gi*)"],
    slope_month: ["more a month", "more a month"],
    slope_year: ["more a year", "more a year"],
    difference: ["more than before", "more than before"],
    layer: ["in the unit above the map", "in the unit above the map"],
    groups: ["crime group with a hotspot here", "crime groups with a hotspot here"],
  };
  const OPEN_DATA = "Contains OS data © Crown copyright and database right";
  const CREDITS = {
    open_data: OPEN_DATA + "; police.uk; OGL v3.0",
    force_extract: OPEN_DATA + "; OGL v3.0",
    fictional: "Fictional county: no real places or people",
  };
  const MISSING = "-", SUPPRESSED = "s", OUTSIDE = "x";
  const NOTHING_CHOSEN = { last_object_clicked_count: null, last_object_clicked_tooltip: null, last_active_drawing: null };
  const NUMBER = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 2 });

  const files = new Map(); // what each address held

  let state = null;

  // ---------------------------------------------------------------- small helpers

  function element(tag, className, text) {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== undefined) node.textContent = text;
    return node;
  }

  function fetchJson(url) {
    // The file's name holds a hash of its content, so a stored copy is never out of date.
    if (!files.has(url)) {
      files.set(url, fetch(url, { cache: "force-cache" }).then((answer) => {
        if (!answer.ok) throw new Error("status " + answer.status);
        return answer.json();
      }));
      files.get(url).catch(() => files.delete(url));
    }
    return files.get(url);
  }

  function folder(url) {
    return url.slice(0, url.lastIndexOf("/"));
  }

  function stored(name, value) {
    try {
      if (value === undefined) return JSON.parse(window.sessionStorage.getItem(name));
      window.sessionStorage.setItem(name, JSON.stringify(value));
    } catch (refused) {
      // Storage is a convenience: without it the map opens on the whole area.
    }
    return null;
  }

  function control(position, node) {
    const Holder = L.Control.extend({ options: { position: position }, onAdd: () => node });
    L.DomEvent.disableClickPropagation(node);
    return new Holder();
  }

  function polygonsOf(layer) {
    const rings = layer.getLatLngs();
    return Array.isArray(rings[0]) && Array.isArray(rings[0][0]) ? rings : [rings];
  }

  function middle(index) {
    return state.areas[index].layer.getBounds().getCenter();
  }

  // ---------------------------------------------------------------- start

  function start(map) {
    state = {
      map: map, payload: null, shown: null, reported: NOTHING_CHOSEN, areasUrl: null, areas: [], group: null, painted: [], look: "", bounds: null,
      placed: false, home: false, hovered: null, hit: null, selected: null, extras: {}, tiles: null,
      tilesUrl: null, tilesShown: false, room: 0, homeRoom: 0, touched: false, closedLegend: [0, 0],
    };
    const panes = { areas: 400, lines: 420, labels: 440, points: 460 };
    for (const name of Object.keys(panes)) {
      const pane = map.createPane("places-" + name);
      pane.style.zIndex = panes[name];
      if (name !== "areas") pane.style.pointerEvents = "none";
    }
    state.areaCanvas = L.canvas({ pane: "places-areas", padding: 0.2 });
    state.lineCanvas = L.canvas({ pane: "places-lines", padding: 0.2 });

    map.attributionControl.setPrefix(false);
    L.control.scale({ imperial: false, maxWidth: 120 }).addTo(map);
    addButtons();
    state.note = element("div", "places-note");
    state.note.setAttribute("role", "status");
    control("bottomleft", state.note).addTo(map);
    state.tooltip = element("div", "places-tooltip");
    state.loading = element("div", "places-loading", "Loading the map …");
    state.loading.setAttribute("role", "status");
    map.getContainer().append(state.tooltip, state.loading);
    if (window.frameElement) window.frameElement.dataset.started = ""; // style.css keeps the empty frame from sight until then
    map.getContainer().setAttribute("aria-label", "Map of areas, shaded by the chosen measure");
    map.getContainer().setAttribute("role", "region");

    map.on("moveend", () => {
      if (!state.placed) return;
      const centre = map.getCenter();
      stored(viewName(), [centre.lat, centre.lng, map.getZoom()]);
    });
    map.on("movestart zoomstart", () => { state.home = false; });
    // The style sheet may arrive after the map and make it taller, which no event of the window tells.
    new ResizeObserver(() => {
      map.invalidateSize({ animate: false });
      arrange();
      if (state.home) goHome();
    }).observe(map.getContainer());
    const controls = new ResizeObserver(() => {
      arrange();
      if (state.home && !state.touched && state.room !== state.homeRoom) goHome();
    });
    // What appears on the map while somebody works on it may not move it under the pointer.
    for (const type of ["pointerdown", "keydown"]) {
      map.getContainer().addEventListener(type, () => { state.touched = true; }, true);
    }
    for (const side of ["left", "right"]) controls.observe(corner("bottom", side));
    map.on("zoomstart movestart", hideTooltip);
    map.on("click", (event) => {
      const hit = state.hit;
      state.hit = null;
      settle();
      const repeated = event.originalEvent && event.originalEvent.detail > 1; // the second half of a double click
      if (!repeated) press(hit, event.latlng);
    });
    settle(); // what the server holds before the first click; the component's own zero would cost a rerun
    tell("start");
  }

  function tell(name, argument) {
    for (const part of window.placesMap.parts) if (part[name]) part[name](argument);
  }

  function addButtons() {
    const bar = element("div", "leaflet-bar places-buttons");
    const whole = element("button", "", "Whole area");
    whole.type = "button";
    whole.addEventListener("click", goHome);
    state.zoomButton = element("button", "", "Selected area");
    state.zoomButton.type = "button";
    state.zoomButton.disabled = true;
    state.zoomButton.addEventListener("click", () => {
      const area = state.areas[state.payload.selected];
      if (!area || !area.layer) return;
      arrange();
      const open = corner("bottom", "right").querySelector("details[open]"), size = state.map.getSize();
      const beside = open ? Math.min(open.offsetWidth + 20, size.x / 2) : 0; // what an open legend would cover
      state.map.fitBounds(area.layer.getBounds(), {
        maxZoom: 15, paddingTopLeft: [60, 60], paddingBottomRight: [60 + beside, Math.max(60, state.room + 8)],
      });
    });
    bar.append(whole, state.zoomButton);
    control("topright", bar).addTo(state.map);
  }

  // ---------------------------------------------------------------- update

  function update(map, payload) {
    if (state === null || state.map !== map) start(map);
    const elsewhere = state.payload !== null && String(payload.bounds) !== String(state.payload.bounds);
    state.payload = payload;
    show(payload.classes, payload.values);
    tell("update", payload);
    if (elsewhere && state.placed && state.placedFor !== viewName()) placeView();
    else if (elsewhere && state.home) goHome();
    applyTheme();
    applyCredit();
    applyTiles();
    if (payload.areas !== state.areasUrl) loadAreas(payload.areas);
    else if (state.group !== null) paint();
    loadExtra("districts", drawDistricts);
  }

  function applyTheme() {
    const root = state.map.getContainer();
    const ink = state.payload.ink;
    for (const name of Object.keys(ink)) root.style.setProperty("--map-" + name.replace(/_/g, "-"), ink[name]);
    root.classList.toggle("places-dark", state.payload.theme === "dark");
    root.classList.toggle("places-large", state.payload.large);
  }

  function applyCredit() {
    const words = CREDITS[state.payload.credit] || "";
    if (words === state.credit) return;
    if (state.credit) state.map.attributionControl.removeAttribution(state.credit);
    state.map.attributionControl.addAttribution(words);
    state.credit = words;
  }

  function loadAreas(url) {
    // Other areas of the same dataset, such as wards for LSOAs, are looked at from where one stands.
    state.placed = state.placed && folder(url) === folder(state.areasUrl);
    state.areasUrl = url;
    hover(null);
    if (state.group) state.group.remove();
    state.group = null;
    state.areas = [];
    state.loading.hidden = false;
    fetchJson(url)
      .then((data) => {
        if (state.areasUrl !== url) return;
        buildAreas(data.features);
        if (!state.placed) whenSized(placeView);
        paint();
      })
      .catch(() => {
        say("The boundaries could not be loaded. Reload the page to try again.");
        if (state.areasUrl === url) state.loading.hidden = true;
      });
  }

  function loadExtra(name, draw) {
    const url = state.payload[name], wanted = url + state.payload.large; // names are laid out by their size
    if (state.extras[name] === wanted) return;
    state.extras[name] = wanted;
    if (!url) return draw([]);
    fetchJson(url)
      .then((data) => {
        if (state.extras[name] === wanted) draw(data.features);
      })
      .catch(() => say("Names or district outlines could not be loaded. The areas are complete."));
  }

  function say(words) {
    state.note.textContent = words;
  }

  // ---------------------------------------------------------------- areas

  function buildAreas(features) {
    state.group = L.featureGroup();
    state.painted = [];
    state.look = "";
    state.hotspotsShown = null;
    state.selected = state.brought = undefined;
    state.areas = features.map((feature, index) => {
      const properties = feature.properties || {};
      const code = String(properties.code || "");
      const area = { code: code, name: String(properties.label || code), layer: null };
      if (feature.geometry) {
        area.layer = L.GeoJSON.geometryToLayer(feature, {
          renderer: state.areaCanvas, pane: "places-areas", weight: 0.7, smoothFactor: 0.4,
        });
        area.layer.areaIndex = index;
        state.group.addLayer(area.layer);
      }
      return area;
    });
    state.bounds = state.group.getBounds();
    state.group.on("mouseover mousemove", (event) => hover(event.propagatedFrom.areaIndex, event.containerPoint));
    state.group.on("mouseout", () => hover(null));
    state.group.on("click", (event) => {
      state.hit = event.propagatedFrom.areaIndex;
    });
    state.group.addTo(state.map);
  }

  /* What the areas are painted with from now on: one class character and one value each; no values: none are named. */
  function show(classes, values) {
    state.shown = { classes: classes, values: values };
  }

  function paint() {
    const payload = state.payload;
    state.loading.hidden = true;
    if (state.shown.classes.length !== state.areas.length) {
      say("The boundaries and the figures do not belong together. Reload the page.");
      return;
    }
    const opacity = state.tilesShown ? 0.72 : 1;
    const look = JSON.stringify([payload.colours, payload.ink, opacity]);
    if (look !== state.look) {
      state.painted = [];
      state.patterns = makePatterns(payload.ink);
      state.look = look;
      state.hotspotsShown = null;
      state.selected = undefined; // neither an area nor none: drawn anew
      styleDistricts();
    }
    for (let i = 0; i < state.areas.length; i++) {
      const character = state.shown.classes[i];
      if (state.painted[i] === character) continue;
      state.painted[i] = character;
      if (state.areas[i].layer) state.areas[i].layer.setStyle(areaStyle(character, opacity));
    }
    drawHotspots();
    tell("painted");
    drawSelected();
    state.brought = payload.selected;
    fillTooltip();
  }

  function areaStyle(character, opacity) {
    const payload = state.payload;
    const style = { color: payload.ink.border, opacity: 0.8, fillOpacity: opacity };
    if (character === MISSING) style.fillColor = state.patterns.hatch;
    else if (character === SUPPRESSED) style.fillColor = state.patterns.dots;
    else if (character === OUTSIDE) Object.assign(style, { fillColor: payload.ink.outside, fillOpacity: opacity * 0.7 });
    else style.fillColor = payload.colours[Number(character)];
    return style;
  }

  function makePatterns(ink) {
    function pattern(ground, draw) {
      const tile = document.createElement("canvas");
      tile.width = tile.height = 8;
      const pen = tile.getContext("2d");
      pen.fillStyle = ground;
      pen.fillRect(0, 0, 8, 8);
      draw(pen);
      return pen.createPattern(tile, "repeat");
    }
    return {
      hatch: pattern(ink.missing_ground, (pen) => {
        pen.strokeStyle = ink.missing;
        pen.lineWidth = 1.2;
        for (const shift of [-8, 0, 8]) {
          pen.moveTo(shift - 1, 9);
          pen.lineTo(shift + 9, -1);
        }
        pen.stroke();
      }),
      dots: pattern(ink.suppressed_ground, (pen) => {
        pen.fillStyle = ink.suppressed;
        for (const [x, y] of [[2, 2], [6, 6]]) {
          pen.beginPath();
          pen.arc(x, y, 1.1, 0, 7);
          pen.fill();
        }
      }),
    };
  }

  // ---------------------------------------------------------------- outlines

  function stroke(colour, weight, dash) {
    return {
      renderer: state.lineCanvas, pane: "places-lines", interactive: false, fill: false, lineCap: dash ? "butt" : "round",
      color: colour, weight: weight, opacity: 1, smoothFactor: 0.4, dashArray: dash || null,
    };
  }

  /* A line in a casing that sets it off from any ground; `make` is L.polygon unless given. */
  function cased(latlngs, colour, weight, dash, make) {
    make = make || L.polygon;
    return L.featureGroup([
      make(latlngs, stroke(state.payload.ink.casing, weight + 2.5)), make(latlngs, stroke(colour, weight, dash)),
    ]);
  }

  function drawHotspots() {
    const wanted = state.payload.hotspots.join();
    if (wanted === state.hotspotsShown) return;
    state.hotspotsShown = wanted;
    if (state.hotspotLayer) state.hotspotLayer.remove();
    const polygons = state.payload.hotspots.flatMap((i) => (state.areas[i].layer ? polygonsOf(state.areas[i].layer) : []));
    state.hotspotLayer = polygons.length ? cased(polygons, state.payload.ink.hotspot, 1.8).addTo(state.map) : null;
    if (state.selectedLayer) state.selectedLayer.bringToFront();
  }

  function drawSelected() {
    const index = state.payload.selected;
    if (index === state.selected) return;
    state.selected = index;
    if (state.selectedLayer) state.selectedLayer.remove();
    state.selectedLayer = null;
    const area = index === null ? null : state.areas[index];
    state.zoomButton.disabled = !(area && area.layer);
    if (!area || !area.layer) return;
    state.selectedLayer = cased(polygonsOf(area.layer), state.payload.ink.selected, 3).addTo(state.map);
    // A selection made elsewhere may be out of sight; the view someone comes back to stays as they left it.
    if (state.brought !== undefined && state.brought !== index) bringIntoView(area.layer);
  }

  function bringIntoView(layer) {
    state.map.stop(); // a pan under way would be measured from where it began
    if (!state.map.getBounds().intersects(layer.getBounds())) {
      state.map.panTo(layer.getBounds().getCenter(), { animate: false });
    }
  }

  function drawDistricts(features) {
    if (state.districts) state.districts.remove();
    state.districts = L.geoJSON(features, {
      renderer: state.lineCanvas, pane: "places-lines", interactive: false, fill: false, smoothFactor: 0.4,
    });
    styleDistricts();
    state.districts.addTo(state.map);
    state.districts.bringToBack();
  }

  function styleDistricts() {
    if (state.districts) {
      state.districts.setStyle({ color: state.payload.ink.district, weight: 1.4, opacity: 0.85, fill: false });
    }
  }

  function marker(pane, latitude, longitude, node, width, height, className) {
    return L.marker([latitude, longitude], {
      pane: "places-" + pane, interactive: false, keyboard: false,
      icon: L.divIcon({ html: node, className: className, iconSize: [width, height] }),
    });
  }

  // ---------------------------------------------------------------- view

  function viewName() {
    // Each dataset has a view of its own, whatever its areas, and so has each location.
    return "places-map:" + folder(state.payload.areas) + (state.payload.focus ? ":" + state.payload.focus : "");
  }

  function whenSized(then) {
    if (state.map.getSize().x > 0) then();
    else state.map.once("resize", then);
  }

  function corner(upright, side) {
    return state.map.getContainer().querySelector(".leaflet-" + upright + ".leaflet-" + side);
  }

  /* Lifts what stands at the left over what it would meet at the right, and notes how much of the foot of the map is taken. */
  function arrange() {
    const left = corner("bottom", "left"), right = corner("bottom", "right"), { x, y } = state.map.getSize();
    let height = 0, lift = 0;
    for (const node of [...right.children].reverse()) { // from the lowest
      let box = [node.offsetWidth, node.offsetHeight && node.offsetHeight + parseFloat(getComputedStyle(node).marginBottom)];
      if (node.querySelector("details[open]")) box = state.closedLegend; // opened for a look, which moves nothing
      else if (node.querySelector("details")) state.closedLegend = box;
      height += box[1];
      if (box[1] && box[0] + left.offsetWidth + 8 > x) lift = height;
    }
    left.style.bottom = lift + "px";
    const scale = left.querySelector(".leaflet-control-scale"); // too small to make room for
    const above = left.offsetHeight - scale.offsetHeight - parseFloat(getComputedStyle(scale).marginBottom);
    state.room = Math.min(Math.max(height, above > 0 ? left.offsetHeight + lift : 0), 0.45 * y);
  }

  function placeView() {
    const view = stored(viewName());
    const kept = Array.isArray(view) && view.length === 3 && view.every(Number.isFinite);
    // A dataset that was built again under its old name may be of another county.
    if (kept && state.bounds.isValid() && state.bounds.pad(1).contains([view[0], view[1]])) {
      state.map.setView([view[0], view[1]], view[2], { animate: false });
    } else {
      goHome();
    }
    state.placed = true;
    state.placedFor = viewName();
  }

  function goHome() {
    const box = state.payload.bounds;
    const bounds = box ? L.latLngBounds([box[1], box[0]], [box[3], box[2]]) : state.bounds;
    if (!bounds || !bounds.isValid()) return;
    arrange();
    const { map, room } = state, side = 18, edge = 8;
    const zoom = map.getBoundsZoom(bounds, false, L.point(2 * side, 2 * edge + room));
    const tall = map.project(bounds.getSouthWest(), zoom).y - map.project(bounds.getNorthEast(), zoom).y;
    // Below the buttons too, where that makes the area no smaller.
    const top = Math.max(0, Math.min(corner("top", "right").offsetHeight, map.getSize().y - tall - 2 * edge - room - 1));
    map.fitBounds(bounds, { paddingTopLeft: [side, edge + top], paddingBottomRight: [side, edge + room], maxZoom: zoom, animate: false });
    state.homeRoom = room;
    state.home = true; // until somebody moves the map; a view that nobody chose is not kept either
    stored(viewName(), null);
  }

  // ---------------------------------------------------------------- pointer

  function hover(index, point) {
    if (index !== state.hovered) {
      state.hovered = index;
      if (state.hoverLayer) state.hoverLayer.remove();
      state.hoverLayer = null;
      if (index !== null) {
        state.hoverLayer = cased(polygonsOf(state.areas[index].layer), state.payload.ink.selected, 1.5).addTo(state.map);
      }
      fillTooltip();
    }
    if (index !== null && point) placeTooltip(point);
  }

  function describe(index) {
    const { classes, values } = state.shown;
    const character = classes[index], value = values && values[index];
    if (character === OUTSIDE) return "Outside the chosen area";
    if (character === SUPPRESSED) return "Too few to show";
    if (character !== MISSING && !values) return "";
    if (character === MISSING || value === null || value === undefined) return "No data for this choice";
    const number = NUMBER.format(value);
    return number + " " + KINDS[state.payload.kind][number === "1" ? 0 : 1];
  }

  function fillTooltip() {
    const index = state.hovered, blocks = window.placesMap.parts.flatMap((part) => (part.pointed ? part.pointed() : []));
    if (index !== null) {
      const lines = [describe(index), state.payload.hotspots.includes(index) ? "Hotspot" : ""];
      for (const part of window.placesMap.parts) if (part.describe) lines.push(...part.describe(index));
      blocks.push([state.areas[index].name, ...lines]);
    }
    state.tooltip.replaceChildren(...blocks.map(([name, ...lines]) => {
      const block = element("div");
      block.append(element("strong", "", name), ...lines.filter(Boolean).map((line) => element("span", "", line)));
      return block;
    }));
    if (!blocks.length) hideTooltip();
  }

  /* What a part has to say of what is under the pointer, at this place, is other than before. */
  function retell(point) {
    fillTooltip();
    if (point && state.tooltip.hasChildNodes()) placeTooltip(point);
  }

  function placeTooltip(point) {
    const size = state.map.getSize(), tip = state.tooltip;
    tip.style.display = "block";
    const left = point.x + 16 + tip.offsetWidth > size.x ? point.x - 12 - tip.offsetWidth : point.x + 16;
    const top = point.y + 16 + tip.offsetHeight > size.y ? point.y - 12 - tip.offsetHeight : point.y + 16;
    tip.style.transform = "translate(" + Math.max(0, left) + "px," + Math.max(0, top) + "px)";
  }

  function hideTooltip() {
    state.tooltip.style.display = "none";
  }

  /* A click or a press of Enter: on an area (its number) or beside all (null). */
  function press(index, latlng) {
    if (!window.placesMap.parts.some((part) => part.click && part.click(latlng)) && index !== null) choose(index);
  }

  function choose(index) {
    if (!/\/areas-[^/]+$/.test(state.areasUrl)) return; // a place coarser than an LSOA is none to select
    if (state.shown.classes[index] !== OUTSIDE) report(state.areas[index].code, null);
  }

  /* Report an area's code or a drawing to the server, once. The component would wait 250 ms first and then find nothing new. */
  function report(code, drawing) {
    // A time, not a tally: the same area chosen again, even after the map was made anew, is news to the server.
    const time = Math.max(Date.now(), state.reported.last_object_clicked_count + 1);
    state.reported = { last_object_clicked_count: time, last_object_clicked_tooltip: code, last_active_drawing: drawing };
    settle();
    window.Streamlit.setComponentValue(state.reported);
  }

  /* The component keeps what it sees of any click on a layer, and would report it: only what is chosen is news. */
  function settle() {
    const shared = window.__GLOBAL_DATA__;
    if (shared) Object.assign(shared, state.reported, state.reported === NOTHING_CHOSEN ? {} : { previous_data: state.reported });
  }

  // ---------------------------------------------------------------- optional street map

  function applyTiles() {
    const chosen = state.payload.basemap;
    const url = chosen ? chosen.url : null;
    if (url === state.tilesUrl) return;
    state.tilesUrl = url;
    if (state.tiles) state.tiles.remove();
    state.tiles = null;
    state.tilesShown = false;
    if (!chosen) return;
    const credit = element("span", "", chosen.attribution).innerHTML; // innerHTML of a text node: escaped
    state.tiles = L.tileLayer(chosen.url, { attribution: credit, maxZoom: 18, referrerPolicy: "no-referrer" });
    state.tiles.on("tileload", () => showTiles(true, ""));
    state.tiles.on("tileerror", () => {
      if (!state.tilesShown) showTiles(false, "The street map could not be reached. The boundaries are complete without it.");
    });
    state.tiles.addTo(state.map);
  }

  function showTiles(shown, words) {
    if (state.note.textContent !== words) say(words);
    if (state.tilesShown === shown) return;
    state.tilesShown = shown;
    if (state.group) paint();
  }

  window.placesMap = {
    start: start, update: update, parts: [], get state() { return state; },
    element: element, control: control, stored: stored, viewName: viewName, say: say, report: report,
    cased: cased, polygonsOf: polygonsOf, marker: marker, middle: middle,
    fetchJson: fetchJson, retell: retell, loadExtra: loadExtra, hover: hover, describe: describe, press: press, bringIntoView: bringIntoView, OUTSIDE: OUTSIDE,
    show: show, arrange: arrange,
    repaint: () => {
      if (state.group) paint();
    },
  };
})();
