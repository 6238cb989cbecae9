"use strict";
// Drawing on Leaflet's canvas: shapes are kept in web-mercator units (0 to 1) and drawn by us.

// A canvas that follows the map as Leaflet's own does, and leaves the drawing to a function.
phusong.DrawCanvas = L.Canvas.extend({
  options: { padding: 0.25 },
  _draw() {
    const map = this._map;
    if (!map) return;
    const origin = map.getPixelOrigin();
    const scale = map.options.crs.scale(map.getZoom());
    const at = (x, y) => [x * scale - origin.x, y * scale - origin.y];
    const { min, max } = this._bounds;
    const box = [min.x + origin.x, min.y + origin.y, max.x + origin.x, max.y + origin.y].map((edge) => edge / scale);
    this._ctx.save();
    this.options.draw(this._ctx, { at, scale, origin, box, zoom: map.getZoom() });
    this._ctx.restore();
  },
  redraw() {
    if (!this._map) return;
    this._redrawBounds = null;
    this._redraw();
  },
});

phusong.world = function (lon, lat) {
  const sine = Math.sin((lat * Math.PI) / 180);
  return [lon / 360 + 0.5, 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)];
};

// A GeoJSON geometry as parts: each a Float64Array x, y, x, y, ... of a ring or line.
phusong.parts = function (geometry) {
  if (!geometry) return [];
  const depth = { LineString: 0, MultiLineString: 1, Polygon: 1, MultiPolygon: 2, GeometryCollection: -1 };
  if (depth[geometry.type] === -1) return geometry.geometries.flatMap(phusong.parts);
  const lines = depth[geometry.type] === 0 ? [geometry.coordinates]
    : geometry.coordinates.flat(depth[geometry.type] - 1);
  return lines.map((line) => {
    const part = new Float64Array(line.length * 2);
    line.forEach(([lon, lat], i) => part.set(phusong.world(lon, lat), 2 * i));
    return part;
  });
};

phusong.boundsOf = function (parts) {
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
};

phusong.trace = function (context, view, parts, closed) {
  context.beginPath();
  for (const part of parts) {
    for (let i = 0; i < part.length; i += 2) {
      const x = part[i] * view.scale - view.origin.x;
      const y = part[i + 1] * view.scale - view.origin.y;
      if (i === 0) context.moveTo(x, y);
      else context.lineTo(x, y);
    }
    if (closed) context.closePath();
  }
};

// Whether a point lies in a polygon given by its rings (even-odd rule).
phusong.holds = function (shape, x, y) {
  const box = shape.box;
  if (x < box[0] || x > box[2] || y < box[1] || y > box[3]) return false;
  let odd = false;
  for (const part of shape.parts) {
    for (let i = 0, j = part.length - 2; i < part.length; j = i, i += 2) {
      const above = part[i + 1] > y;
      if (above !== part[j + 1] > y) {
        const cross = ((part[j] - part[i]) * (y - part[i + 1])) / (part[j + 1] - part[i + 1]) + part[i];
        if (x < cross) odd = !odd;
      }
    }
  }
  return odd;
};

phusong.shaped = function (records) {
  for (const record of records) {
    record.parts = phusong.parts(record.geometry);
    record.box = phusong.boundsOf(record.parts);
    delete record.geometry;
  }
  return records;
};

phusong.placed = function (records) {
  for (const record of records) record.world = phusong.world(...record.position);
  return records;
};

// [lat, lon] of a place in mercator units.
phusong.degrees = ([x, y]) => [(Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI, (x - 0.5) * 360];

// [[south, west], [north, east]] of a box in mercator units.
phusong.latLngBounds = ([west, north, east, south]) => L.latLngBounds(phusong.degrees([west, south]), phusong.degrees([east, north]));
