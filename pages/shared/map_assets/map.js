/* The map of areas. Python calls placesMap.start once and placesMap.update on every rerun.
 *
 * The payload holds numbers, colours and codes. Names come from the boundary files and are only ever
 * written with textContent. The layers stand outside Python's feature group, so a rerun restyles
 * what changed and moves nothing.
 */
(function () {
  "use strict";

  const KINDS = {
    offences: ["offence", "offences"],
    offence_rate: ["offence per 1,000 residents a year", "offences per 1,000 residents a year"],
    offence_density: ["offence per km² a year", "offences per km² a year"],
    asb: ["ASB incident", "ASB incidents"],
    asb_rate: ["ASB incident per 1,000 residents a year", "ASB incidents per 1,000 residents a year"],
    asb_density: ["ASB incident per km² a year", "ASB incidents per km² a year"],
    gi_star: ["standard deviation from chance (Gi*)", "standard deviations from chance (Gi*)"],
    slope_month: ["more a month", "more a month"],
    slope_year: ["more a year", "more a year"],
    groups: ["crime group with a hotspot here", "crime groups with a hotspot here"],
  };
  const OPEN_DATA = "Contains OS data © Crown copyright and database right";
  const CREDITS = {
    open_data: OPEN_DATA + "; police.uk; OGL v3.0",
    force_extract: OPEN_DATA + "; OGL v3.0",
    fictional: "Fictional county: no real places or people",
  };
  const MISSING = "-", SUPPRESSED = "s", OUTSIDE = "x";
  const FONT = '"Source Sans Pro", "Segoe UI", system-ui, Arial, sans-serif';
  const NUMBER = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 2 });

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
    return fetch(url, { cache: "force-cache" }).then((answer) => {
      if (!answer.ok) throw new Error("status " + answer.status);
      return answer.json();
    });
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

  // ---------------------------------------------------------------- start

  function start(map) {
    state = {
      map: map, payload: null, areasUrl: null, areas: [], group: null, painted: [], look: "", bounds: null,
      placed: false, home: false, hovered: null, hit: null, lastChoice: null, selected: null, extras: {}, labels: [], points: [], tiles: null,
      tilesUrl: null, tilesShown: false, picked: 0, measure: document.createElement("canvas").getContext("2d"),
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
    addPicker();
    state.note = element("div", "places-note");
    state.note.setAttribute("role", "status");
    control("bottomleft", state.note).addTo(map);
    state.tooltip = element("div", "places-tooltip");
    map.getContainer().appendChild(state.tooltip);
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
      if (state.home) goHome();
    }).observe(map.getContainer());
    map.on("zoomend", layOut);
    map.on("zoomstart movestart", hideTooltip);
    map.on("click", (event) => {
      const hit = state.hit;
      state.hit = null;
      // The component counts every click on a layer and would report the count: only what is chosen is news.
      setCount(state.lastChoice);
      const repeated = event.originalEvent && event.originalEvent.detail > 1; // the second half of a double click
      if (hit !== null && !repeated) choose(hit);
    });
    setCount(null); // what the server holds before the first click; a zero would cost a rerun
  }

  function setCount(count) {
    if (window.__GLOBAL_DATA__) window.__GLOBAL_DATA__.last_object_clicked_count = count;
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
      if (area && area.layer) state.map.fitBounds(area.layer.getBounds(), { maxZoom: 15, padding: [60, 60] });
    });
    bar.append(whole, state.zoomButton);
    control("topright", bar).addTo(state.map);
  }

  // ---------------------------------------------------------------- update

  function update(map, payload) {
    if (state === null || state.map !== map) start(map);
    const elsewhere = state.payload !== null && String(payload.bounds) !== String(state.payload.bounds);
    state.payload = payload;
    if (elsewhere && state.home) goHome();
    applyTheme();
    applyCredit();
    applyTiles();
    if (payload.areas !== state.areasUrl) loadAreas(payload.areas);
    else if (state.group !== null) paint();
    loadExtra("districts", drawDistricts);
    loadExtra("places", makeLabels);
  }

  function applyTheme() {
    const root = state.map.getContainer();
    const ink = state.payload.ink;
    for (const name of Object.keys(ink)) root.style.setProperty("--map-" + name.replace(/_/g, "-"), ink[name]);
    root.classList.toggle("places-dark", state.payload.theme === "dark");
  }

  function applyCredit() {
    const words = CREDITS[state.payload.credit] || "";
    if (words === state.credit) return;
    if (state.credit) state.map.attributionControl.removeAttribution(state.credit);
    state.map.attributionControl.addAttribution(words);
    state.credit = words;
  }

  function loadAreas(url) {
    state.areasUrl = url;
    state.placed = false;
    if (state.group) state.group.remove();
    state.group = null;
    fetchJson(url)
      .then((data) => {
        if (state.areasUrl !== url) return;
        buildAreas(data.features);
        whenSized(placeView);
        paint();
      })
      .catch(() => say("The boundaries could not be loaded. Reload the page to try again."));
  }

  function loadExtra(name, draw) {
    const url = state.payload[name];
    if (state.extras[name] === url) return;
    state.extras[name] = url;
    if (!url) return draw([]);
    fetchJson(url)
      .then((data) => {
        if (state.extras[name] === url) draw(data.features);
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
    state.hovered = state.selected = state.hotspotsShown = null;
    state.brought = undefined;
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

  function paint() {
    const payload = state.payload;
    if (payload.classes.length !== state.areas.length) {
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
      state.selected = null;
      styleDistricts();
    }
    for (let i = 0; i < state.areas.length; i++) {
      const character = payload.classes[i];
      if (state.painted[i] === character) continue;
      state.painted[i] = character;
      if (state.areas[i].layer) state.areas[i].layer.setStyle(areaStyle(character, opacity));
    }
    drawHotspots();
    drawSelected();
    state.brought = payload.selected;
    drawPoints();
    state.ranked = null;
    if (state.hovered !== null) fillTooltip(state.hovered);
    describePicked();
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

  function outline(latlngs, colour, weight) {
    return L.polygon(latlngs, {
      renderer: state.lineCanvas, pane: "places-lines", interactive: false, fill: false,
      color: colour, weight: weight, opacity: 1, smoothFactor: 0.4,
    });
  }

  function cased(latlngs, colour, weight) {
    return L.featureGroup([outline(latlngs, state.payload.ink.casing, weight + 2.5), outline(latlngs, colour, weight)]);
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

  // ---------------------------------------------------------------- names and numbered points

  function makeLabels(features) {
    state.labels.forEach((label) => label.marker.remove());
    state.labels = features
      .filter((feature) => feature.geometry && feature.geometry.type === "Point" && feature.properties.name)
      .map((feature) => {
        const district = feature.properties.kind === "district";
        const name = String(feature.properties.name);
        state.measure.font = (district ? "600 13px " : "12px ") + FONT;
        const width = Math.ceil(state.measure.measureText(name).width) + 6;
        const [longitude, latitude] = feature.geometry.coordinates;
        const node = element("span", "", name);
        return {
          district: district, width: width, height: district ? 18 : 16, margin: district ? 4 : 24,
          at: L.latLng(latitude, longitude), marker: marker("labels", latitude, longitude, node, width, district ? 18 : 16,
            "places-label" + (district ? " places-district" : "")),
        };
      })
      .sort((a, b) => Number(b.district) - Number(a.district));
    layOut();
  }

  function marker(pane, latitude, longitude, node, width, height, className) {
    return L.marker([latitude, longitude], {
      pane: "places-" + pane, interactive: false, keyboard: false,
      icon: L.divIcon({ html: node, className: className, iconSize: [width, height] }),
    });
  }

  function drawPoints() {
    const wanted = JSON.stringify(state.payload.points);
    if (wanted === state.pointsShown) return;
    state.pointsShown = wanted;
    state.points.forEach((point) => point.marker.remove());
    state.points = state.payload.points.map(([longitude, latitude, count, rank]) => ({
      rank: rank, at: L.latLng(latitude, longitude), width: 20, height: 20, margin: 0,
      node: element("span", "places-point", String(rank)),
    }));
    state.points.sort((a, b) => a.rank - b.rank);
    state.points.forEach((point) => {
      point.marker = marker("points", point.at.lat, point.at.lng, point.node, 20, 20, "places-point-holder");
    });
    layOut();
  }

  /* Names and numbers keep clear of each other: the first in order stays, what would touch it waits for more zoom. */
  function layOut() {
    if (!state.map._loaded) return;
    const zoom = state.map.getZoom();
    const boxes = thin(state.points, zoom, [], (point, fits) => {
      point.node.classList.toggle("places-point-small", !fits);
      if (!state.map.hasLayer(point.marker)) point.marker.addTo(state.map);
    });
    thin(state.labels, zoom, boxes, (label, fits) => {
      if (fits) label.marker.addTo(state.map);
      else label.marker.remove();
    });
  }

  function thin(items, zoom, taken, show) {
    const boxes = taken.slice();
    for (const item of items) {
      const at = state.map.project(item.at, zoom);
      const x = item.width / 2 + item.margin / 2, y = item.height / 2 + item.margin / 2;
      const box = [at.x - x, at.y - y, at.x + x, at.y + y];
      const fits = !boxes.some((b) => box[0] < b[2] && box[2] > b[0] && box[1] < b[3] && box[3] > b[1]);
      if (fits) boxes.push(box);
      show(item, fits);
    }
    return boxes;
  }

  // ---------------------------------------------------------------- view

  function viewName() {
    return "places-map:" + state.areasUrl;
  }

  function whenSized(then) {
    if (state.map.getSize().x > 0) then();
    else state.map.once("resize", then);
  }

  function placeView() {
    const view = stored(viewName());
    if (Array.isArray(view) && view.length === 3 && view.every(Number.isFinite)) {
      state.map.setView([view[0], view[1]], view[2], { animate: false });
    } else {
      goHome();
    }
    state.placed = true;
  }

  function goHome() {
    const box = state.payload.bounds;
    const bounds = box ? L.latLngBounds([box[1], box[0]], [box[3], box[2]]) : state.bounds;
    if (!bounds || !bounds.isValid()) return;
    state.map.fitBounds(bounds, { padding: [18, 8], animate: false });
    state.home = true; // until somebody moves the map; a view that nobody chose is not kept either
    stored(viewName(), null);
  }

  // ---------------------------------------------------------------- pointer

  function hover(index, point) {
    if (index !== state.hovered) {
      state.hovered = index;
      if (state.hoverLayer) state.hoverLayer.remove();
      state.hoverLayer = null;
      if (index === null) return hideTooltip();
      state.hoverLayer = cased(polygonsOf(state.areas[index].layer), state.payload.ink.selected, 1.5).addTo(state.map);
      fillTooltip(index);
    }
    if (index !== null && point) placeTooltip(point);
  }

  function describe(index) {
    const payload = state.payload;
    const character = payload.classes[index], value = payload.values[index];
    if (character === OUTSIDE) return "Outside the chosen area";
    if (character === SUPPRESSED) return "Too few to show";
    if (character === MISSING || value === null || value === undefined) return "No data for this choice";
    const number = NUMBER.format(value);
    return number + " " + KINDS[payload.kind][number === "1" ? 0 : 1];
  }

  function fillTooltip(index) {
    state.tooltip.replaceChildren(element("strong", "", state.areas[index].name), element("span", "", describe(index)));
    if (state.payload.hotspots.includes(index)) state.tooltip.append(element("span", "", "Hotspot"));
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

  /* Report an area to the server, once. The component would wait 250 ms first and then find nothing new to say. */
  function choose(index) {
    const area = state.areas[index], shared = window.__GLOBAL_DATA__;
    if (!area || !shared || state.payload.classes[index] === OUTSIDE) return;
    // A time, not a tally: the same area chosen again, even after the map was made anew, is news to the server.
    state.lastChoice = Math.max(Date.now(), state.lastChoice + 1);
    setCount(state.lastChoice);
    shared.last_object_clicked_tooltip = area.code;
    shared.previous_data = { last_object_clicked_count: state.lastChoice, last_object_clicked_tooltip: area.code };
    window.Streamlit.setComponentValue(shared.previous_data);
  }

  // ---------------------------------------------------------------- keyboard

  function addPicker() {
    const box = element("div", "places-picker");
    box.tabIndex = 0;
    box.setAttribute("role", "listbox");
    box.setAttribute("aria-label", "Areas on the map, highest value first. Up and down arrows step, Enter selects.");
    state.option = element("div");
    state.option.setAttribute("role", "option");
    box.append(state.option, element("small", "", "Up and down: step. Enter: select. Home: highest."));
    box.lastChild.setAttribute("aria-hidden", "true");
    box.addEventListener("focus", () => {
      const selected = ranked().indexOf(state.payload.selected);
      pick(selected >= 0 ? selected : Math.min(state.picked, ranked().length - 1));
    });
    box.addEventListener("blur", () => hover(null));
    box.addEventListener("keydown", (event) => {
      const last = ranked().length - 1;
      const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity };
      if (event.key in steps) pick(Math.min(last, Math.max(0, state.picked + steps[event.key])));
      else if (event.key === "Enter" || event.key === " ") choose(ranked()[state.picked]);
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    state.picker = box;
    control("topright", box).addTo(state.map);
  }

  function ranked() {
    if (!state.ranked) {
      const { values, classes } = state.payload;
      const height = (i) => (values[i] === null || !/[0-8]/.test(classes[i]) ? -1 : values[i]);
      state.ranked = state.areas.map((_, i) => i).filter((i) => classes[i] !== OUTSIDE && state.areas[i].layer);
      state.ranked.sort((a, b) => height(b) - height(a) || a - b);
    }
    return state.ranked;
  }

  function pick(position) {
    if (!ranked().length) return;
    state.picked = position;
    const index = ranked()[position];
    hover(index);
    bringIntoView(state.areas[index].layer);
    describePicked();
  }

  function describePicked() {
    if (document.activeElement !== state.picker || !ranked().length) return;
    state.picked = Math.min(state.picked, ranked().length - 1);
    const index = ranked()[state.picked];
    state.option.id = "places-option-" + index;
    state.option.textContent = state.areas[index].name + ": " + describe(index);
    state.option.setAttribute("aria-selected", String(index === state.payload.selected));
    state.option.setAttribute("aria-posinset", String(state.picked + 1));
    state.option.setAttribute("aria-setsize", String(ranked().length));
    state.picker.setAttribute("aria-activedescendant", state.option.id);
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

  window.placesMap = { start: start, update: update };
})();
