"use strict";
// Draws the layers of a run out of its tiles, and says which unit lies where one presses.
const drawn = {};

// How a known layer looks, from the ground up; any other is drawn as grey outlines.
drawn.STYLES = {
  communes: { order: 1, on: true, outline: "#8b959c", width: 0.6, fill: (p, state) => state.shareColour(p.commune_code) },
  covered_year: { order: 2, on: true, fill: (p, state) => (p.year <= state.year || p.year === 1 ? state.yearColour(p.year) : null), alpha: 0.55 },
  holes: { order: 3, fill: () => "#8f1d2c", alpha: 0.4 },
  zones: { order: 4, outline: "#6b3fa0", width: 1.4, dash: [4, 3] },
  masts_500m: { order: 5, fill: () => "#0b3c5d", outline: "#0b3c5d", width: 0.8, alpha: 0.16, number: "masts" },
  stations_500m: { order: 6, on: true, outline: "#a0236a", width: 1.4, number: "planned_stations" },
  backhaul: { order: 7, outline: "#3d6b8f", width: 1.4 },
  roads: { order: 7, outline: "#b5a78f", width: 1 },
  candidates: { order: 8, point: () => "#8b959c", radius: 2.5 },
  sites: { order: 9, point: () => "#5b6872", radius: 2.2 },
  ranking: { order: 10, on: true, point: (p, state) => (p.year <= state.year ? state.yearColour(p.year) : null), radius: 4.2, ring: "#fffdf8" },
  districts: { order: 11, on: true, outline: "#22303a", width: 1.4 },
};
drawn.OTHER = { order: 8, outline: "#5b6872", width: 1, point: () => "#5b6872", radius: 2.5 };

drawn.style = (name) => drawn.STYLES[name] || drawn.OTHER;

// A layer of the map whose tiles are painted from one file.
drawn.Layer = L.GridLayer.extend({
  initialize(file, name, state) {
    L.GridLayer.prototype.initialize.call(this, { zIndex: drawn.style(name).order, minZoom: 7, maxZoom: 17, keepBuffer: 1 });
    Object.assign(this, { file, name, state });
  },

  createTile(coords, done) {
    const tile = L.DomUtil.create("canvas", "leaflet-tile");
    this.paint(tile, coords).then(() => done(null, tile), (error) => done(error, tile));
    return tile;
  },

  // Paint the tiles that are there once more, in place.
  repaint() {
    for (const { el, coords } of Object.values(this._tiles)) this.paint(el, coords);
  },

  async paint(tile, coords) {
    await this.file.open();
    const z = Math.min(coords.z, this.file.maxZoom), factor = 2 ** (coords.z - z);
    const layers = await this.file.tile(z, Math.floor(coords.x / factor), Math.floor(coords.y / factor));
    const pen = tile.getContext("2d"), style = drawn.style(this.name), ratio = window.devicePixelRatio || 1;
    tile.width = tile.height = 256 * ratio; // which also clears it
    pen.scale(ratio, ratio);
    for (const layer of layers) {
      const scale = (256 * factor) / layer.extent;
      const shift = [(coords.x % factor) * 256, (coords.y % factor) * 256];
      const at = ([x, y]) => [x * scale - shift[0], y * scale - shift[1]];
      for (const feature of layer.features) drawn.feature(pen, feature, style, at, this.state, coords.z);
    }
  },
});

drawn.feature = function (pen, feature, style, at, state, zoom) {
  const { kind, properties, parts } = feature;
  if (kind === 1) {
    const colour = style.point ? style.point(properties, state) : null;
    if (colour) for (const [place] of parts) drawn.dot(pen, at(place), colour, style, zoom);
    return;
  }
  pen.beginPath();
  for (const part of parts) part.forEach((place, index) => pen[index ? "lineTo" : "moveTo"](...at(place)));
  const fill = kind === 3 && style.fill ? style.fill(properties, state) : null;
  if (fill) {
    pen.globalAlpha = style.alpha || 1;
    pen.fillStyle = fill;
    pen.fill("evenodd");
    pen.globalAlpha = 1;
  }
  if (style.outline) {
    pen.setLineDash(style.dash || []);
    pen.lineWidth = style.width;
    pen.strokeStyle = style.outline;
    pen.stroke();
  }
  if (style.number && zoom >= 10 && parts.length) drawn.number(pen, parts[0], properties[style.number], style, at);
};

drawn.dot = function (pen, [x, y], colour, style, zoom) {
  pen.beginPath();
  pen.arc(x, y, style.radius * Math.min(1.4, Math.max(0.5, (zoom - 6) / 5)), 0, 2 * Math.PI);
  pen.fillStyle = colour;
  pen.fill();
  if (style.ring && zoom >= 10) { pen.strokeStyle = style.ring; pen.lineWidth = 1; pen.stroke(); }
};

drawn.number = function (pen, ring, count, style, at) {
  const xs = ring.map(([x]) => x), ys = ring.map(([, y]) => y);
  const [left, right] = [Math.min(...xs), Math.max(...xs)], [top, bottom] = [Math.min(...ys), Math.max(...ys)];
  if (left < 0 || top < 0 || right > 4096 || bottom > 4096) return; // told in part by several tiles
  const [x, y] = at([(left + right) / 2, (top + bottom) / 2]);
  pen.font = "600 11px system-ui, sans-serif";
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillStyle = style.outline;
  pen.fillText(String(count), x, y);
};

// The properties of the area of a layer that holds a place.
drawn.areaAt = async function (file, { lat, lng }) {
  await file.open();
  const z = file.maxZoom, side = 2 ** z, radians = (lat * Math.PI) / 180;
  const x = ((lng + 180) / 360) * side, y = ((1 - Math.asinh(Math.tan(radians)) / Math.PI) / 2) * side;
  for (const layer of await file.tile(z, Math.floor(x), Math.floor(y))) {
    const place = [(x % 1) * layer.extent, (y % 1) * layer.extent];
    const hit = layer.features.find((feature) => feature.kind === 3 && drawn.holds(feature.parts, place));
    if (hit) return hit.properties;
  }
  return null;
};

// Whether rings hold a place: a line from it crosses them an odd number of times.
drawn.holds = function (rings, [x, y]) {
  let inside = false;
  for (const ring of rings) {
    for (let at = 1; at < ring.length; at += 1) {
      const [x1, y1] = ring[at - 1], [x2, y2] = ring[at];
      if (y1 > y !== y2 > y && x < x1 + ((y - y1) * (x2 - x1)) / (y2 - y1)) inside = !inside;
    }
  }
  return inside;
};
