"use strict";
// Reads vector tiles out of a PMTiles file by ranges (PMTiles version 3), and decodes them
// (Mapbox Vector Tile 2.1). Asks for nothing but the bytes it needs.
const tiles = {};

tiles.HEADER_BYTES = 127;
tiles.FIRST_BYTES = 16384; // header and root directory lie in them

tiles.unzipped = async function (bytes) {
  if (bytes.length < 2 || bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
};

// A file of tiles; a server that knows no ranges hands out all of it once.
tiles.File = class {
  constructor(url) {
    this.url = url;
    this.whole = null;
    this.decoded = new Map();
    this.opened = null;
  }

  async bytes(start, length) {
    if (this.whole) return this.whole.subarray(start, start + length);
    const answer = await fetch(this.url, { headers: { Range: `bytes=${start}-${start + length - 1}` } });
    if (!answer.ok) throw new Error(`${this.url}: ${answer.status}`);
    const content = new Uint8Array(await answer.arrayBuffer());
    if (answer.status === 206) return content;
    this.whole = content;
    return content.subarray(start, start + length);
  }

  open() {
    this.opened ??= this.readHeader();
    return this.opened;
  }

  async readHeader() {
    const first = await this.bytes(0, tiles.FIRST_BYTES);
    const view = new DataView(first.buffer, first.byteOffset, first.byteLength);
    if (view.getUint32(0) !== 0x504d5469 || view.getUint8(7) !== 3) throw new Error(`${this.url}: no PMTiles`);
    const number = (at) => Number(view.getBigUint64(at, true));
    this.leaves = number(40);
    this.data = number(56);
    this.minZoom = view.getUint8(100);
    this.maxZoom = view.getUint8(101);
    const start = number(8), length = number(16);
    const root = start + length <= first.length ? first.subarray(start, start + length) : await this.bytes(start, length);
    this.root = tiles.directory(await tiles.unzipped(root));
    return this;
  }

  // The layers of a tile, or nothing where the file has no such tile.
  tile(z, x, y) {
    const key = `${z}/${x}/${y}`;
    if (!this.decoded.has(key)) this.decoded.set(key, this.readTile(z, x, y));
    return this.decoded.get(key);
  }

  async readTile(z, x, y) {
    await this.open();
    const id = tiles.identifier(z, x, y);
    let directory = this.root;
    for (let depth = 0; depth < 4; depth += 1) {
      const entry = tiles.entry(directory, id);
      if (!entry) return [];
      if (entry.run > 0) {
        return tiles.decode(await tiles.unzipped(await this.bytes(this.data + entry.offset, entry.length)));
      }
      directory = tiles.directory(await tiles.unzipped(await this.bytes(this.leaves + entry.offset, entry.length)));
    }
    return [];
  }
};

// Place of a tile along the Hilbert curves of all zooms before and of its own.
tiles.identifier = function (z, x, y) {
  let id = (4 ** z - 1) / 3;
  for (let side = 2 ** z / 2; side >= 1; side /= 2) {
    const right = x & side ? 1 : 0, down = y & side ? 1 : 0;
    id += side * side * ((3 * right) ^ down);
    if (!down) {
      if (right) { x = side - 1 - (x & (side - 1)); y = side - 1 - (y & (side - 1)); }
      [x, y] = [y, x];
    }
    x &= side - 1;
    y &= side - 1;
  }
  return id;
};

tiles.directory = function (bytes) {
  const reader = new tiles.Reader(bytes);
  const entries = Array.from({ length: reader.varint() }, () => ({}));
  let id = 0;
  for (const entry of entries) { id += reader.varint(); entry.id = id; }
  for (const entry of entries) entry.run = reader.varint();
  for (const entry of entries) entry.length = reader.varint();
  entries.forEach((entry, at) => {
    const value = reader.varint();
    entry.offset = value === 0 && at > 0 ? entries[at - 1].offset + entries[at - 1].length : value - 1;
  });
  return entries;
};

// The entry that holds a tile, or the leaf directory that may.
tiles.entry = function (entries, id) {
  let low = 0, high = entries.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (entries[middle].id <= id) low = middle + 1; else high = middle - 1;
  }
  const entry = entries[high];
  return entry && (entry.run === 0 || id < entry.id + entry.run) ? entry : null;
};

tiles.Reader = class {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
    this.end = bytes.length;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  varint() {
    let value = 0, factor = 1, byte;
    do {
      byte = this.bytes[this.at];
      this.at += 1;
      value += (byte & 0x7f) * factor;
      factor *= 128;
    } while (byte & 0x80);
    return value;
  }

  // Calls a function for each field of a message: its number, and a reader of its content.
  each(field) {
    while (this.at < this.end) {
      const tag = this.varint(), wire = tag & 7;
      if (wire === 2) {
        const length = this.varint();
        field(tag >> 3, new tiles.Reader(this.bytes.subarray(this.at, this.at + length)));
        this.at += length;
      } else if (wire === 0) field(tag >> 3, this.varint());
      else if (wire === 1) { field(tag >> 3, this.view.getFloat64(this.at, true)); this.at += 8; }
      else { field(tag >> 3, this.view.getFloat32(this.at, true)); this.at += 4; }
    }
  }

  text() { return new TextDecoder().decode(this.bytes); }

  numbers() {
    const list = [];
    while (this.at < this.end) list.push(this.varint());
    return list;
  }
};

tiles.decode = function (bytes) {
  const layers = [];
  new tiles.Reader(bytes).each((number, reader) => { if (number === 3) layers.push(tiles.layer(reader)); });
  return layers;
};

tiles.layer = function (reader) {
  const layer = { name: "", extent: 4096, features: [] }, keys = [], values = [], raw = [];
  reader.each((number, value) => {
    if (number === 1) layer.name = value.text();
    else if (number === 2) raw.push(tiles.feature(value));
    else if (number === 3) keys.push(value.text());
    else if (number === 4) values.push(tiles.value(value));
    else if (number === 5) layer.extent = value;
  });
  layer.features = raw.map(({ tags, kind, geometry }) => {
    const properties = {};
    for (let at = 0; at < tags.length; at += 2) properties[keys[tags[at]]] = values[tags[at + 1]];
    return { kind, properties, parts: tiles.parts(geometry) };
  });
  return layer;
};

tiles.feature = function (reader) {
  const feature = { tags: [], kind: 0, geometry: [] };
  reader.each((number, value) => {
    if (number === 2) feature.tags = value.numbers();
    else if (number === 3) feature.kind = value;
    else if (number === 4) feature.geometry = value.numbers();
  });
  return feature;
};

tiles.value = function (reader) {
  let held = null;
  reader.each((number, value) => {
    if (number === 1) held = value.text();
    else if (number === 6) held = value % 2 ? -(value + 1) / 2 : value / 2;
    else if (number === 7) held = value === 1;
    else held = value;
  });
  return held;
};

// The lines, rings or points of a geometry, in units of the tile.
tiles.parts = function (commands) {
  const parts = [], turned = (value) => (value >>> 1) ^ -(value & 1);
  let x = 0, y = 0, at = 0;
  while (at < commands.length) {
    const command = commands[at] & 7, count = commands[at] >> 3;
    at += 1;
    if (command === 7) { const ring = parts[parts.length - 1]; ring.push(ring[0]); continue; }
    for (let step = 0; step < count; step += 1, at += 2) {
      x += turned(commands[at]);
      y += turned(commands[at + 1]);
      if (command === 1) parts.push([[x, y]]); else parts[parts.length - 1].push([x, y]);
    }
  }
  return parts;
};
