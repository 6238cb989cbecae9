"use strict";
// The page on paper: A4 landscape with title, figures, map, legend, and what the data are.
phusong.print = {};

phusong.print.start = function (map) {
  this.map = map;
  document.body.append(this.notes());
  window.addEventListener("beforeprint", () => this.prepare());
  window.addEventListener("afterprint", () => this.restore());
};

phusong.print.FIRST = 10; // stations and zones that are listed

phusong.print.notes = function () {
  const { h, word, data } = phusong;
  const { record } = data;
  const estimated = Object.entries(record.layers || {}).filter(([, layer]) => layer.status !== "given");
  this.key = h("div", { class: "legend-on-paper" });
  return h("section", { id: "print-notes" }, this.key,
    estimated.length ? h("p", { class: "estimated" }, word.about_data_note + ": "
      + estimated.map(([name]) => `${word["layer_" + name] || name} (${word["data_" + record.layers[name].status] || record.layers[name].status})`).join(", ") + ".") : null,
    this.stations(), this.zones(), h("p", null, phusong.fill(word.about_coordinates, { planning: phusong.data.planning.label }), " ", word.about_legal, " ", phusong.fill(word.about_software, {
      version: record.phusong, date: document.querySelector(".heading time").textContent,
    })));
};

// The first stations: rank, place, year, residents gained.
phusong.print.stations = function () {
  const { h, word, number } = phusong;
  const first = phusong.candidates.slice(0, this.FIRST);
  return first.length ? h("section", null, h("h3", null, word.print_stations), h("table", null, first.map((one) => h("tr", null,
    h("td", null, String(one.rank)), h("td", { class: "name" }, `${phusong.placeName(one.commune_code)} · ${one.site_id}`),
    h("td", null, String(one.year)), h("td", null, `+${number(one.people_gained)}`))))) : null;
};

// The first zones: rank, name, share served before and after.
phusong.print.zones = function () {
  const { h, word, percent } = phusong;
  const first = phusong.weights.zones.slice(0, this.FIRST);
  return first.length ? h("section", null, h("h3", null, word.print_zones), h("table", null, first.map((zone) => h("tr", null,
    h("td", null, String(zone.ranked.rank)), h("td", { class: "name" }, zone.name),
    h("td", null, `${percent(zone.covered_share_before, 0)} → ${percent(zone.covered_share_after, 0)}`))))) : null;
};

// Give the map the size it has on paper, with the same ground in view, drawn twice as fine.
phusong.print.prepare = function () {
  if (this.view) return;
  const { map } = this;
  this.view = { centre: map.getCenter(), zoom: map.getZoom(), open: phusong.state.legendOpen, fine: L.Browser.retina };
  const bounds = map.getBounds();
  phusong.state.legendOpen = true;
  phusong.legend.show();
  document.body.classList.add("on-paper");
  L.Browser.retina = true;
  map.invalidateSize({ animate: false, pan: false });
  const [west, south, east, north] = phusong.data.bounds;
  const province = L.latLngBounds([south, west], [north, east]);
  map.fitBounds(bounds.contains(province) ? province : bounds, { animate: false, padding: bounds.contains(province) ? [14, 14] : [0, 0] });
  this.key.replaceChildren(...document.querySelector("#legend .content").cloneNode(true).childNodes);
  this.sheet = this.flattened();
  map.getContainer().append(this.sheet);
};

// All panes of the map as one picture: browsers print canvases that lie over each other badly,
// and Chromium replays what is drawn on a canvas now at another scale, but not a finished bitmap.
phusong.print.flattened = function () {
  const { map } = this;
  const { x: width, y: height } = map.getSize();
  const drawing = new OffscreenCanvas(2 * width, 2 * height);
  const context = drawing.getContext("2d");
  context.scale(2, 2);
  context.fillStyle = phusong.data.colours.paper;
  context.fillRect(0, 0, width, height);
  const panes = [...map.getPane("mapPane").children].map((pane) => ({ pane, look: getComputedStyle(pane) }));
  panes.sort((a, b) => Number(a.look.zIndex) - Number(b.look.zIndex));
  for (const { pane, look } of panes) {
    context.save();
    context.globalAlpha = Number(look.opacity);
    if (look.mixBlendMode === "multiply") context.globalCompositeOperation = "multiply";
    this.cut(context, pane, width, height);
    this.draw(context, pane);
    context.restore();
  }
  const sheet = phusong.h("canvas", { class: "sheet", width: 2 * width, height: 2 * height });
  sheet.getContext("bitmaprenderer").transferFromImageBitmap(drawing.transferToImageBitmap());
  return sheet;
};

// The part of the map that a pane covers while two themes are compared.
phusong.print.cut = function (context, pane, width, height) {
  const { surface, map } = phusong;
  const x = width * phusong.state.at;
  const is = (side) => side.panes.some((name) => map.getPane(name) === pane);
  context.beginPath();
  if (phusong.state.left && is(surface.left)) context.rect(0, 0, x, height);
  else if (phusong.state.left && is(surface.right)) context.rect(x, 0, width - x, height);
  else context.rect(0, 0, width, height);
  context.clip();
};

phusong.print.draw = function (context, pane) {
  const frame = this.map.getContainer().getBoundingClientRect();
  for (const drawn of pane.querySelectorAll("img, canvas")) {
    const box = drawn.getBoundingClientRect();
    if (drawn.naturalWidth !== 0) context.drawImage(drawn, box.left - frame.left, box.top - frame.top, box.width, box.height);
  }
};

phusong.print.restore = function () {
  if (!this.view) return;
  const { centre, zoom, open, fine } = this.view;
  this.view = null;
  this.sheet.remove();
  phusong.state.legendOpen = open;
  document.body.classList.remove("on-paper");
  L.Browser.retina = fine;
  this.map.invalidateSize({ animate: false, pan: false });
  this.map.setView(centre, zoom, { animate: false });
  phusong.legend.show();
};
