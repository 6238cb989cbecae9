"use strict";
// The ground and the one theme shown on it: communes shaded by share, or a coverage picture.
phusong.surface = {};

phusong.SURFACES = [
  { group: "surface_people", names: ["communes_after", "communes_before"] },
  { group: "surface_signal", names: ["coverage_gain", "rsrp_after", "rsrp_before"] },
  { group: "surface_quality", names: ["sinr_after", "throughput_after"] },
  { group: "surface_lte", names: ["rsrp_4g"] },
];

phusong.SHARE_OF = {
  communes_before: "covered_population_share_before",
  communes_after: "covered_population_share_after",
};

phusong.hasSurface = (name) => name in phusong.SHARE_OF || name in phusong.data.pictures.urls;

// The palette that the shown picture is painted with, and the one its legend shows.
phusong.paletteName = function (name) {
  if (name in phusong.SHARE_OF) return "share";
  return phusong.data.pictures.classes[name];
};

phusong.classOf = function (palette, value) {
  let index = 0;
  while (index < palette.breaks.length && value >= palette.breaks[index]) index += 1;
  return index;
};

phusong.surface.start = function (map) {
  const { base } = phusong.data;
  map.createPane("ground").style.zIndex = 150;
  map.createPane("theme").style.zIndex = 200;
  map.createPane("themePicture").style.zIndex = 201;
  this.map = map;
  this.ground = L.imageOverlay(base.url, base.corners, { pane: "ground", interactive: false });
  this.communes = new phusong.DrawCanvas({ pane: "theme", draw: (c, v) => this.drawCommunes(c, v) });
  this.communes.addTo(map);
  this.decoded = new Map();
  this.show();
};

phusong.surface.drawCommunes = function (context, view) {
  const column = phusong.SHARE_OF[phusong.state.surface];
  if (!column) return;
  const palette = phusong.data.palettes.share;
  for (const commune of phusong.communes) {
    const share = commune[column];
    if (share === null || share === undefined) continue;
    phusong.trace(context, view, commune.parts, true);
    context.fillStyle = palette.colours[phusong.classOf(palette, share)];
    context.fill("evenodd");
    // Hides the hairline that antialiasing leaves between neighbours.
    context.strokeStyle = context.fillStyle;
    context.lineWidth = 0.6;
    context.stroke();
  }
};

// Bring the map to the state: ground on or off, which theme, how strong.
phusong.surface.show = function () {
  const { state, data } = phusong;
  if (state.show.has("relief")) this.ground.addTo(this.map);
  else this.ground.remove();
  const url = data.pictures.urls[state.surface];
  if (this.picture && this.picture.phusongName !== state.surface) {
    this.picture.remove();
    this.picture = null;
  }
  if (url && !this.picture) {
    this.picture = L.imageOverlay(url, data.pictures.corners, { pane: "themePicture", interactive: false });
    this.picture.phusongName = state.surface;
    this.picture.addTo(this.map);
  }
  if (this.picture) this.paint();
  for (const pane of ["theme", "themePicture"]) this.map.getPane(pane).style.opacity = state.opacity;
  this.communes.redraw();
};

// Recolour the shown picture when the other scale of received level is chosen.
phusong.surface.paint = function () {
  const name = this.picture.phusongName;
  const other = phusong.state.palette === "vnpt" && phusong.paletteName(name) === "level";
  if (!other) {
    this.picture.setUrl(phusong.data.pictures.urls[name]);
    return;
  }
  this.pixels(name).then((pixels) => {
    if (!this.picture || this.picture.phusongName !== name || phusong.state.palette !== "vnpt") return;
    const canvas = phusong.recoloured(pixels, phusong.data.palettes.level, phusong.data.palettes.level_vnpt);
    this.picture.setUrl(canvas.toDataURL("image/png"));
  });
};

phusong.rgb = (colour) => [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16));

phusong.recoloured = function (pixels, from, to) {
  const canvas = document.createElement("canvas");
  canvas.width = pixels.width;
  canvas.height = pixels.height;
  const context = canvas.getContext("2d");
  const image = context.createImageData(pixels.width, pixels.height);
  const table = phusong.colourTable(from);
  const targets = to.colours.map((colour) => (colour ? [...phusong.rgb(colour), 255] : [0, 0, 0, 0]));
  for (let i = 0; i < pixels.data.length; i += 4) {
    const index = pixels.data[i + 3] === 0 ? undefined : phusong.nearestClass(table, pixels.data, i);
    if (index !== undefined) image.data.set(targets[index], i);
  }
  context.putImageData(image, 0, 0);
  return canvas;
};

phusong.colourTable = function (palette) {
  return palette.colours.map((colour, index) => ({ index, rgb: colour && phusong.rgb(colour) }))
    .filter((entry) => entry.rgb);
};

// Browsers that guard against tracking blur what is read from a canvas: take the nearest colour.
phusong.nearestClass = function (table, data, offset) {
  let best;
  let least = Infinity;
  for (const entry of table) {
    const distance = Math.abs(entry.rgb[0] - data[offset]) + Math.abs(entry.rgb[1] - data[offset + 1])
      + Math.abs(entry.rgb[2] - data[offset + 2]);
    if (distance < least) {
      least = distance;
      best = entry.index;
      if (distance === 0) break;
    }
  }
  return best;
};

// The pixels of a picture, decoded once.
phusong.surface.pixels = function (name) {
  if (!this.decoded.has(name)) {
    const image = new Image();
    image.src = phusong.data.pictures.urls[name];
    this.decoded.set(name, image.decode().then(() => {
      const canvas = document.createElement("canvas");
      canvas.width = image.naturalWidth;
      canvas.height = image.naturalHeight;
      const context = canvas.getContext("2d", { willReadFrequently: true });
      context.drawImage(image, 0, 0);
      return context.getImageData(0, 0, canvas.width, canvas.height);
    }));
  }
  return this.decoded.get(name);
};

// What the shown picture says at a place, in words; resolves to "" where it says nothing.
phusong.surface.valueAt = async function (latlng) {
  const name = phusong.state.surface;
  if (!(name in phusong.data.pictures.urls)) return "";
  const [[south, west], [north, east]] = phusong.data.pictures.corners;
  const [x0, y0] = phusong.world(west, north);
  const [x1, y1] = phusong.world(east, south);
  const [x, y] = phusong.world(latlng.lng, latlng.lat);
  const pixels = await this.pixels(name);
  const column = Math.floor(((x - x0) / (x1 - x0)) * pixels.width);
  const row = Math.floor(((y - y0) / (y1 - y0)) * pixels.height);
  if (column < 0 || row < 0 || column >= pixels.width || row >= pixels.height) return "";
  const offset = 4 * (row * pixels.width + column);
  if (pixels.data[offset + 3] === 0) return "";
  const palette = phusong.data.palettes[phusong.paletteName(name)];
  const index = phusong.nearestClass(phusong.colourTable(palette), pixels.data, offset);
  return phusong.className(name, palette, index);
};

phusong.className = function (name, palette, index) {
  if (name === "coverage_gain") return phusong.word[["gain_none", "gain_before", "gain_new"][index]];
  const unit = palette.unit ? " " + phusong.word[palette.unit] : "";
  const low = index > 0 ? phusong.number(palette.breaks[index - 1]) : null;
  const high = index < palette.breaks.length ? phusong.number(palette.breaks[index]) : null;
  if (low === null) return phusong.fill(phusong.word.less_than, { value: high + unit });
  if (high === null) return phusong.fill(phusong.word.at_least, { value: low + unit });
  return `${low} … ${high}${unit}`;
};
