"use strict";
// The map of what changes from run A to run B, and the switch between the two languages.
phusong.difference = {};

phusong.KINDS = ["gained", "lost", "both"];
phusong.STATION_KINDS = { both: "stations_both", a: "stations_a", b: "stations_b" };
phusong.STATION_COLOURS = { both: "#8fa3b3", a: "#542788", b: "#e0802b" };
phusong.SHARE = "covered_population_share_after";

// What names.js asks of the stations that it keeps clear of.
phusong.candidateShown = (station) => phusong.state.show.has("stations_" + station.runs);
phusong.candidateRadius = (station, zoom) => Math.min(9, Math.max(3.4, 3.4 + (zoom - 10.2) * 1.6));

phusong.start = function (map) {
  phusong.map = map;
  phusong.read();
  phusong.state = {
    surface: "difference", opacity: 0.86, years: new Set(), selected: null,
    show: new Set([...phusong.KINDS, "stations_a", "stations_b", "stations_both", "names", "relief"]),
  };
  for (const commune of phusong.communes) commune.commune_type = commune.commune_type || "xa";
  phusong.shaped(phusong.communes);
  phusong.placed(phusong.candidates);
  phusong.lines = {};
  for (const [name, lines] of Object.entries(phusong.data.boundaries)) phusong.lines[name] = phusong.parts(lines);
  phusong.names.start();
  phusong.difference.layers(map);
  phusong.speak(phusong.data.language);
  phusong.difference.tools(map);
  phusong.difference.pointer(map);
  phusong.difference.rows();
  phusong.difference.fit();
  window.addEventListener("resize", () => map.invalidateSize());
  window.matchMedia("print").addEventListener("change", () => phusong.difference.fit());
  document.body.dataset.ready = "true";
};

// Show the page in a language: its article, the legend and the names of the districts.
phusong.speak = function (language) {
  const { data } = phusong;
  data.language = language;
  phusong.word = data.texts[language];
  phusong.locale = data.locales[language];
  document.documentElement.lang = language;
  for (const article of document.querySelectorAll("main article")) {
    article.hidden = article.lang !== language;
    if (!article.hidden) document.title = article.querySelector("h1").textContent;
  }
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === language));
    button.onclick = () => phusong.speak(button.dataset.language);
  }
  phusong.names.start();
  phusong.names.key = null;
  phusong.difference.legend();
  phusong.difference.show();
};

phusong.difference.layers = function (map) {
  const { data } = phusong;
  const order = { ground: 150, theme: 200, themePicture: 201, water: 210, areas: 410, plan: 420 };
  for (const [name, level] of Object.entries(order)) map.createPane(name).style.zIndex = level;
  this.ground = L.imageOverlay(data.base.url, data.base.corners, { pane: "ground", interactive: false });
  this.water = data.base.water ? L.imageOverlay(data.base.water, data.base.corners, { pane: "water", interactive: false }) : null;
  this.pictures = {};
  for (const kind of phusong.KINDS) {
    this.pictures[kind] = L.imageOverlay(data.pictures.urls[kind], data.pictures.corners, { pane: "themePicture", interactive: false });
  }
  this.canvases = ["theme", "areas", "plan"].map((pane) => new phusong.DrawCanvas({
    pane, draw: (context, view) => this["draw_" + pane](context, view),
  }).addTo(map));
};

phusong.difference.toggle = function (layer, map, on) {
  if (on) layer.addTo(map);
  else layer.remove();
};

// Bring the map to the state.
phusong.difference.show = function () {
  const { state, map } = phusong;
  this.toggle(this.ground, map, state.show.has("relief"));
  if (this.water) this.toggle(this.water, map, state.show.has("relief"));
  for (const kind of phusong.KINDS) {
    this.toggle(this.pictures[kind], map, state.surface === "difference" && state.show.has(kind));
  }
  for (const pane of ["theme", "themePicture"]) map.getPane(pane).style.opacity = state.opacity;
  phusong.names.key = null;
  for (const canvas of this.canvases) canvas.redraw();
};

phusong.difference.draw_theme = function (context, view) {
  if (phusong.state.surface !== "communes") return;
  const palette = phusong.data.change;
  for (const commune of phusong.communes) {
    const change = commune[phusong.SHARE + "_delta"];
    if (change === null || change === undefined) continue;
    phusong.trace(context, view, commune.parts, true);
    context.fillStyle = palette.colours[phusong.classOf(palette, change)];
    context.fill("evenodd");
    // Hides the hairline that antialiasing leaves between neighbours.
    context.strokeStyle = context.fillStyle;
    context.lineWidth = 0.6;
    context.stroke();
  }
};

phusong.difference.draw_areas = function (context, view) {
  const pens = { communes: ["rgba(34, 48, 58, .45)", 0.7], districts: ["rgba(34, 48, 58, .7)", 1.2], province: ["#22303a", 1.8] };
  context.lineJoin = "round";
  for (const [name, [colour, width]] of Object.entries(pens)) {
    phusong.trace(context, view, phusong.lines[name] || [], false);
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.stroke();
  }
  phusong.symbols.drawSelected(context, view);
};

phusong.difference.draw_plan = function (context, view) {
  for (const runs of ["both", "a", "b"]) {
    if (!phusong.state.show.has("stations_" + runs)) continue;
    for (const station of phusong.candidates) if (station.runs === runs) this.station(context, view, station);
  }
  const chosen = phusong.state.selected;
  if (chosen && chosen.kind === "station") {
    phusong.symbols.ring(context, view.at(...chosen.record.world), phusong.candidateRadius(chosen.record, view.zoom) + 4);
  }
  phusong.names.draw(context, view);
};

phusong.difference.station = function (context, view, station) {
  const [x, y] = view.at(...station.world);
  context.beginPath();
  phusong.candidateShape(context, station.kind, x, y, phusong.candidateRadius(station, view.zoom));
  context.fillStyle = phusong.STATION_COLOURS[station.runs];
  context.fill();
  context.strokeStyle = station.runs === "b" ? "#6f3a08" : "#ffffff";
  context.lineWidth = 1;
  context.stroke();
};

// Legend: what is shown, how much of it there is, and the switches, in one.
phusong.difference.legend = function () {
  const { h, word, state, data } = phusong;
  const choose = (value, label) => h("label", null,
    h("input", { type: "radio", name: "surface", value, checked: state.surface === value, onchange: () => this.choose(value) }), label);
  const tick = (name, mark, label, amount) => h("label", null,
    h("input", { type: "checkbox", "data-layer": name, checked: state.show.has(name), onchange: (event) => this.tick(name, event.target.checked) }),
    mark, label, amount ? h("span", { class: "amount" }, amount) : "");
  const swatch = (colour) => h("i", { class: "swatch", style: `background:${colour}` });
  const count = (runs) => phusong.number(phusong.candidates.filter((s) => s.runs === runs).length);
  const kinds = phusong.KINDS.map((kind) => tick(kind, swatch(data.colours[kind]), word["difference_" + kind],
    phusong.unit(data.areas[kind].area_km2, 0, "km2")));
  const stations = Object.entries(phusong.STATION_KINDS).map(([runs, name]) => tick(
    name, h("i", { class: "dot " + runs, style: "margin:0" }), word[name], count(runs)));
  document.getElementById("legend").replaceChildren(
    choose("difference", word.difference),
    h("div", { class: "inner", hidden: state.surface !== "difference" }, kinds, h("span", null, word.served_note)),
    choose("communes", word.change_by_commune),
    h("div", { class: "inner", hidden: state.surface !== "communes" }, this.scale()),
    h("hr"), ...stations,
    h("hr"), tick("names", "", word.names), tick("relief", data.base.water ? swatch(data.colours.water) : "", word.relief),
  );
  document.getElementById("legend").setAttribute("aria-label", word.legend);
};

phusong.difference.scale = function () {
  const { h, word, data } = phusong;
  const { breaks, colours } = data.change;
  const sign = (value) => (value > 0 ? "+" : "") + phusong.number(100 * value);
  return [
    h("span", null, word.change_legend),
    h("div", { class: "scale" }, colours.map((colour) => h("i", { style: `background:${colour}` }))),
    h("div", { class: "ticks" }, breaks.map((value, i) => h("span", { style: `left:${(100 * (i + 1)) / colours.length}%` }, sign(value)))),
  ];
};

phusong.difference.choose = function (surface) {
  phusong.state.surface = surface;
  this.legend();
  document.querySelector(`#legend input[value="${surface}"]`).focus();
  this.show();
};

phusong.difference.tick = function (name, on) {
  if (on) phusong.state.show.add(name);
  else phusong.state.show.delete(name);
  this.show();
};

phusong.difference.fit = function () {
  const [west, south, east, north] = phusong.data.bounds;
  phusong.map.invalidateSize({ animate: false });
  phusong.map.fitBounds([[south, west], [north, east]], {
    paddingTopLeft: [14, 14], paddingBottomRight: window.matchMedia("(max-width: 900px)").matches ? [14, 30] : [40, 14], animate: false,
  });
};

phusong.difference.tools = function (map) {
  const { h, word } = phusong;
  const button = (label, mark, action) => h("button", { type: "button", "aria-label": label, title: label, onclick: action }, mark);
  const home = phusong.svg(16, 16, ["path", { d: "M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4", fill: "none", stroke: "currentColor", "stroke-width": 1.6 }]);
  const bar = h("div", { class: "zoom" },
    button(word.zoom_in, "+", () => map.zoomIn(1)), button(word.zoom_out, "\u2212", () => map.zoomOut(1)),
    button(word.whole_province, home, () => this.fit()));
  L.DomEvent.disableClickPropagation(bar);
  map.getContainer().append(bar);
  L.control.scale({ imperial: false, maxWidth: 130, position: "bottomleft" }).addTo(map);
};

// What lies under the pointer: stations first, then communes.
phusong.difference.hit = function (latlng) {
  const { map } = phusong;
  const origin = map.getPixelOrigin();
  const scale = map.options.crs.scale(map.getZoom());
  const point = map.latLngToLayerPoint(latlng);
  const station = phusong.candidates.find((s) => phusong.candidateShown(s)
    && Math.hypot(s.world[0] * scale - origin.x - point.x, s.world[1] * scale - origin.y - point.y)
      <= phusong.candidateRadius(s, map.getZoom()) + 3);
  if (station) return { kind: "station", record: station };
  const [x, y] = phusong.world(latlng.lng, latlng.lat);
  const commune = phusong.communes.find((c) => phusong.holds(c, x, y));
  return commune ? { kind: "commune", record: commune } : null;
};

phusong.difference.pointer = function (map) {
  map.on("mousemove click", (event) => {
    const hit = this.hit(event.latlng);
    map.getContainer().classList.toggle("over", Boolean(hit));
    this.tip(hit, event.originalEvent);
    if (event.type === "click") this.select(hit);
  });
  map.on("mouseout movestart", () => { document.getElementById("tip").hidden = true; });
};

phusong.difference.select = function (hit) {
  phusong.state.selected = hit;
  for (const canvas of this.canvases) canvas.redraw();
};

phusong.difference.words = function ({ kind, record }) {
  const { word, data } = phusong;
  if (kind === "station" && record.status) {
    const years = [record.year_a && `${word.planned_year}: ${record.year_a}`, record.year_b && `${word.built_year}: ${record.year_b}`];
    return [record.site_id_a || record.site_id_b, word[record.status], years.filter(Boolean).join(" · ")];
  }
  if (kind === "station") {
    const rank = (side) => (record["rank_" + side] === null ? null
      : `${side.toUpperCase()}: ${word.rank.toLowerCase()} ${record["rank_" + side]}, ${record["year_" + side]}`);
    return [record.site_id_a || record.site_id_b, word[phusong.STATION_KINDS[record.runs]], [rank("a"), rank("b")].filter(Boolean).join(" · ")];
  }
  const part = (column) => {
    const delta = record[column + "_delta"];
    const points = delta === null ? "–" : `${delta > 0 ? "+" : ""}${phusong.number(100 * delta, 1)} ${word.unit_points}`;
    return `${phusong.percent(record[column + "_a"])} → ${phusong.percent(record[column + "_b"])} (${points})`;
  };
  return [record.full_names[data.language], word.people_before_after + ": " + part(phusong.SHARE),
    word.area_before_after + ": " + part("covered_area_share_after")];
};

phusong.difference.tip = function (hit, mouse) {
  const { h } = phusong;
  const tip = document.getElementById("tip");
  tip.hidden = !hit;
  if (!hit) return;
  const [title, detail, more] = this.words(hit);
  tip.replaceChildren(h("b", null, title), h("span", { class: "value" }, detail), h("span", null, more));
  const left = mouse.clientX + 14 + tip.offsetWidth > window.innerWidth ? Math.max(4, mouse.clientX - tip.offsetWidth - 12) : mouse.clientX + 14;
  tip.style.transform = `translate(${left}px, ${Math.max(4, mouse.clientY - tip.offsetHeight - 10)}px)`;
};

// A row of a table brings the map to its place.
phusong.difference.rows = function () {
  const go = (row) => {
    const station = phusong.candidates[row.dataset.station];
    const commune = phusong.communes.find((c) => c.commune_code === row.dataset.commune);
    if (station) phusong.map.setView([station.position[1], station.position[0]], 14);
    else phusong.map.fitBounds(phusong.latLngBounds(commune.box), { padding: [60, 60] });
    this.select(station ? { kind: "station", record: station } : { kind: "commune", record: commune });
    if (window.matchMedia("(max-width: 900px)").matches) phusong.map.getContainer().scrollIntoView({ behavior: "smooth" });
  };
  for (const row of document.querySelectorAll("tr[data-station], tr[data-commune]")) {
    row.addEventListener("click", () => go(row));
    row.addEventListener("keydown", (event) => { if (event.key === "Enter") go(row); });
  }
};
