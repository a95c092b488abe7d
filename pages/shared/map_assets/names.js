/* Names of places, from their file, and the numbers of the selected area's busiest points. */
(function () {
  "use strict";

  const own = window.placesMap;
  const FONT = 'Arial, Helvetica, "Liberation Sans", sans-serif'; // as in map.css
  const measure = document.createElement("canvas").getContext("2d");
  let labels = [], points = [], shown = "";

  function makeLabels(features) {
    labels.forEach((label) => label.marker.remove());
    labels = features
      .filter((feature) => feature.geometry && feature.geometry.type === "Point" && feature.properties.name)
      .map((feature) => {
        const district = feature.properties.kind === "district";
        const name = String(feature.properties.name);
        const size = (own.state.payload.large ? 20 : 12) + (district ? 1 : 0), height = size + (district ? 5 : 4);
        measure.font = (district ? "600 " : "") + size + "px " + FONT;
        const width = Math.ceil(measure.measureText(name).width) + 6;
        const [longitude, latitude] = feature.geometry.coordinates;
        const node = own.element("span", "", name);
        return {
          district: district, width: width, height: height, margin: district ? 4 : 24,
          at: L.latLng(latitude, longitude), marker: own.marker("labels", latitude, longitude, node, width, height,
            "places-label" + (district ? " places-district" : "")),
        };
      })
      .sort((a, b) => Number(b.district) - Number(a.district));
    layOut();
  }

  function drawPoints() {
    const size = own.state.payload.large ? 32 : 20;
    const wanted = JSON.stringify([own.state.payload.points, size]);
    if (wanted === shown) return;
    shown = wanted;
    points.forEach((point) => point.marker.remove());
    points = own.state.payload.points.map(([longitude, latitude, count, rank]) => ({
      rank: rank, at: L.latLng(latitude, longitude), width: size, height: size, margin: 0,
      node: own.element("span", "places-point", String(rank)),
    }));
    points.sort((a, b) => a.rank - b.rank);
    points.forEach((point) => {
      point.marker = own.marker("points", point.at.lat, point.at.lng, point.node, size, size, "places-point-holder");
    });
    layOut();
  }

  /* Names and numbers keep clear of each other: the first in order stays, what would touch it waits for more zoom. */
  function layOut() {
    if (!own.state.map._loaded) return;
    const zoom = own.state.map.getZoom();
    const boxes = thin(points, zoom, [], (point, fits) => {
      point.node.classList.toggle("places-point-small", !fits);
      if (!own.state.map.hasLayer(point.marker)) point.marker.addTo(own.state.map);
    });
    thin(labels, zoom, boxes, (label, fits) => {
      if (fits) label.marker.addTo(own.state.map);
      else label.marker.remove();
    });
  }

  function thin(items, zoom, taken, show) {
    const boxes = taken.slice();
    for (const item of items) {
      const at = own.state.map.project(item.at, zoom);
      const x = item.width / 2 + item.margin / 2, y = item.height / 2 + item.margin / 2;
      const box = [at.x - x, at.y - y, at.x + x, at.y + y];
      const fits = !boxes.some((b) => box[0] < b[2] && box[2] > b[0] && box[1] < b[3] && box[3] > b[1]);
      if (fits) boxes.push(box);
      show(item, fits);
    }
    return boxes;
  }

  own.parts.push({
    start: () => own.state.map.on("zoomend", layOut),
    update: () => own.loadExtra("places", makeLabels),
    painted: drawPoints,
  });
})();
