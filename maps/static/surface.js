"use strict";
// The ground and the themes on it. Each side of the map shows one theme: the right one the chosen
// theme, the left one that of the divider, empty while there is no divider.
phusong.surface = {};

phusong.classOf = function (palette, value) {
  let index = 0;
  while (index < palette.breaks.length && value >= palette.breaks[index]) index += 1;
  return index;
};

phusong.surface.start = function (map) {
  const { base } = phusong.data;
  map.createPane("ground").style.zIndex = 150;
  this.map = map;
  this.ground = L.imageOverlay(base.url, base.corners, { pane: "ground", interactive: false });
  // Water is water on every theme.
  map.createPane("water").style.zIndex = 210;
  this.water = base.water ? L.imageOverlay(base.water, base.corners, { pane: "water", interactive: false }) : null;
  this.decoded = new Map();
  this.right = this.side("theme", () => phusong.state.surface);
  this.left = this.side("themeLeft", () => phusong.state.left || "none");
  this.show();
};

// One side: a canvas of communes and a picture, each in a pane of its own.
phusong.surface.side = function (pane, theme) {
  const side = { theme, panes: [pane, pane + "Picture"], picture: null, key: "", paneOfPicture: pane + "Picture" };
  for (const [place, name] of side.panes.entries()) this.map.createPane(name).style.zIndex = 200 + place;
  side.communes = new phusong.DrawCanvas({ pane, draw: (c, v) => this.drawCommunes(c, v, theme()) });
  side.communes.addTo(this.map);
  return side;
};

phusong.surface.drawCommunes = function (context, view, theme) {
  if (!phusong.themes.shades(theme)) return;
  const palette = phusong.data.palettes.share;
  for (const commune of phusong.communes) {
    const share = phusong.themes.share(theme, commune);
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

// Bring the map to the state: ground on or off, which themes, how strong.
phusong.surface.show = function () {
  const { state } = phusong;
  if (state.show.has("relief")) this.ground.addTo(this.map);
  else this.ground.remove();
  if (this.water) this.water[state.show.has("relief") ? "addTo" : "removeFrom"](this.map);
  for (const side of [this.left, this.right]) {
    this.showPicture(side);
    side.communes.redraw();
    for (const pane of side.panes) this.map.getPane(pane).style.opacity = state.opacity;
  }
};

// Put the picture of a side's theme on the map; it changes when the new one is ready.
phusong.surface.showPicture = async function (side) {
  const theme = side.theme();
  const name = phusong.themes.picture(theme);
  const colours = name && phusong.themes.colours(theme);
  const asWritten = name && (!this.hasClasses(name) || colours.join() === phusong.data.palettes[phusong.data.pictures.classes[name]].colours.join());
  const key = name ? [name, asWritten ? "" : colours].join() : "";
  if (side.key === key) return;
  side.key = key;
  const picture = name && (asWritten ? phusong.data.pictures.urls[name] : this.recoloured(await this.pixels(name), colours));
  if (side.key !== key) return;
  const old = side.picture;
  const options = { pane: side.paneOfPicture, interactive: false };
  // An overlay of an element: Leaflet calls it SVG, but any element is placed alike.
  const overlay = asWritten ? L.imageOverlay : L.svgOverlay;
  side.picture = name ? overlay(picture, phusong.data.pictures.corners, options).addTo(this.map) : null;
  if (old) old.remove();
};

// Whether the colours of a picture are those of a palette; else each is a station's own.
phusong.surface.hasClasses = (picture) => picture in phusong.data.pictures.classes;

phusong.rgb = (colour) => [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16));

// A canvas of classes in other colours.
phusong.surface.recoloured = function ({ width, height, classes }, colours) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  const table = new Uint32Array(colours.length + 1);
  const bytes = new Uint8Array(table.buffer);
  colours.forEach((colour, index) => { if (colour) bytes.set([...phusong.rgb(colour), 255], 4 * index + 4); });
  const pixels = new Uint32Array(image.data.buffer);
  for (let i = 0; i < classes.length; i += 1) pixels[i] = table[classes[i]];
  context.putImageData(image, 0, 0);
  return canvas;
};

// Browsers that guard against tracking blur what is read from a canvas: take the nearest colour.
phusong.nearestColour = function (colours, red, green, blue) {
  let best = -1;
  let least = Infinity;
  for (const [index, colour] of colours.entries()) {
    if (!colour) continue;
    const away = Math.abs(colour[0] - red) + Math.abs(colour[1] - green) + Math.abs(colour[2] - blue);
    if (away < least) [least, best] = [away, index];
    if (away === 0) break;
  }
  return best;
};

// The classes of a picture, decoded once: 0 where it is clear, else the class counted from 1.
phusong.surface.pixels = function (name) {
  if (!this.decoded.has(name)) {
    const image = new Image();
    image.src = phusong.data.pictures.urls[name];
    this.decoded.set(name, image.decode().then(() => this.classes(name, image)));
  }
  return this.decoded.get(name);
};

phusong.surface.classes = function (name, image) {
  const { pictures, palettes } = phusong.data;
  const written = this.hasClasses(name) ? palettes[pictures.classes[name]].colours : pictures.servers.map(([, colour]) => colour);
  const colours = written.map((colour) => (colour ? phusong.rgb(colour) : null));
  const canvas = document.createElement("canvas");
  const [width, height] = [image.naturalWidth, image.naturalHeight];
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  const seen = new Map();
  const classes = new Uint16Array(width * height);
  for (let i = 0, place = 0; i < data.length; i += 4, place += 1) {
    if (data[i + 3] === 0) continue;
    const colour = (data[i] << 16) | (data[i + 1] << 8) | data[i + 2];
    if (!seen.has(colour)) seen.set(colour, phusong.nearestColour(colours, data[i], data[i + 1], data[i + 2]) + 1);
    classes[place] = seen.get(colour);
  }
  return { width, height, classes };
};

// The theme that is shown at a place.
phusong.surface.themeAt = (latlng) => (phusong.swipe.isLeft(latlng) ? phusong.state.left : phusong.state.surface);

// What the picture of a theme says at a place, in words; resolves to "" where it says nothing.
phusong.surface.valueAt = async function (latlng, theme = this.themeAt(latlng)) {
  const name = phusong.themes.picture(theme);
  if (!name) return "";
  const [[south, west], [north, east]] = phusong.data.pictures.corners;
  const [x0, y0] = phusong.world(west, north);
  const [x1, y1] = phusong.world(east, south);
  const [x, y] = phusong.world(latlng.lng, latlng.lat);
  const { width, height, classes } = await this.pixels(name);
  const column = Math.floor(((x - x0) / (x1 - x0)) * width);
  const row = Math.floor(((y - y0) / (y1 - y0)) * height);
  if (column < 0 || row < 0 || column >= width || row >= height) return "";
  const found = classes[row * width + column];
  return found ? phusong.themes.says(theme, found - 1) : "";
};
