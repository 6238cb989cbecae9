"use strict";
// The page of a feed: figures of a place and a moment, the layers of a run, and its files.
// Text from data reaches the page through text nodes only, never as markup.
const feed = { place: ["province", ""], moment: null, layers: new Map(), labels: null };

feed.json = async (path) => {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
};
feed.id = (name) => document.getElementById(name);
feed.word = (key) => feed.settings.words[feed.language][key] ?? key;
feed.element = (tag, text = "", attributes = {}) => {
  const made = document.createElement(tag);
  if (text !== "") made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
};

feed.start = async function () {
  [feed.settings, feed.held] = await Promise.all([feed.json("app/settings.json"), feed.json("feed.json")]);
  const asked = new URLSearchParams(location.hash.slice(1));
  feed.language = feed.settings.words[asked.get("lang")] ? asked.get("lang") : document.documentElement.lang;
  feed.map = L.map("map", { zoomControl: false, attributionControl: false, minZoom: 7, maxZoom: 17, zoomSnap: 0.25 });
  L.control.zoom({ position: "topright" }).addTo(feed.map);
  L.control.scale({ imperial: false }).addTo(feed.map);
  feed.map.on("click", feed.pressed);
  feed.listen();
  const run = feed.held.runs.find((each) => each.id === asked.get("run"));
  await feed.show(run || feed.held.runs.find((each) => each.id === feed.held.latest), asked.get("year"));
  document.body.dataset.ready = "true";
};

feed.listen = function () {
  for (const button of document.querySelectorAll("[data-language]")) {
    button.addEventListener("click", () => { feed.language = button.dataset.language; feed.spoken(); });
  }
  feed.id("run").addEventListener("change", (event) => feed.show(feed.held.runs.find((run) => run.id === event.target.value)));
  feed.id("moment").addEventListener("input", (event) => { feed.moment = Number(event.target.value); feed.changed(); });
  feed.id("search").addEventListener("input", feed.listPlaces);
  feed.id("whole").addEventListener("click", () => feed.choose("province", ""));
};

// Show a run: its figures and words, then its layers.
feed.show = async function (run, year) {
  feed.run = run;
  const base = `runs/${run.id}`;
  const [figures, dictionary, districts] = await Promise.all([
    feed.json(`${base}/figures.json`), feed.json(`${base}/dictionary.json`), feed.json(`${base}/vectors/districts.geojson`),
  ]);
  Object.assign(feed, { figures, dictionary, base, place: ["province", ""] });
  feed.byKey = new Map();
  for (const row of figures.figures) {
    feed.byKey.set([row.level, row.code, row.measure, row.when === "year" ? row.year : row.when].join("|"), row);
  }
  feed.moments = ["before", ...figures.run.years];
  const asked = feed.moments.indexOf(year === "before" ? year : Number(year));
  feed.moment = asked >= 0 ? asked : feed.moments.length - 1;
  feed.id("moment").max = feed.moments.length - 1;
  const [west, south, east, north] = run.bounds;
  feed.map.fitBounds([[south, west], [north, east]]);
  feed.openLayers(districts);
  feed.spoken();
};

feed.openLayers = function (districts) {
  for (const { layer } of feed.layers.values()) layer.remove();
  feed.layers.clear();
  const names = [...feed.run.tiles].sort((a, b) => drawn.style(a).order - drawn.style(b).order);
  for (const name of names) {
    const layer = new drawn.Layer(new tiles.File(`${feed.base}/tiles/${name}.pmtiles`), name, feed.state);
    feed.layers.set(name, { layer, on: Boolean(drawn.style(name).on) });
    if (drawn.style(name).on) layer.addTo(feed.map);
  }
  feed.labels?.remove();
  feed.labels = L.layerGroup(districts.features.map((district) => {
    const middle = L.geoJSON(district).getBounds().getCenter(), label = feed.element("span", district.properties.name);
    return L.marker(middle, { interactive: false, keyboard: false, icon: L.divIcon({ className: "label", html: label, iconSize: null }) });
  })).addTo(feed.map);
};

// What drawing depends on.
feed.state = {
  get year() { return feed.moment === 0 ? 0 : feed.moments[feed.moment]; },
  shareColour(code) {
    const row = feed.figure("commune", code, "people_share");
    if (!row) return "#ffffff";
    const { breaks, colours } = feed.settings.share;
    return colours[breaks.filter((limit) => row.value >= limit).length];
  },
  yearColour(year) { return feed.settings.years[year] || feed.settings.before; },
};

// The figure of a place at the chosen moment, or that of the end where none is told by year.
feed.figure = function (level, code, measure) {
  const moment = feed.moments[feed.moment], last = feed.moment === feed.moments.length - 1;
  return feed.byKey.get([level, code, measure, moment].join("|"))
    ?? (last ? feed.byKey.get([level, code, measure, "after"].join("|")) : undefined);
};

feed.spoken = function () {
  document.documentElement.lang = feed.language;
  for (const element of document.querySelectorAll("[data-word]")) element.textContent = feed.word(element.dataset.word);
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === feed.language));
  }
  document.title = feed.word("title").replace("{province}", feed.held.province);
  feed.id("title").textContent = document.title;
  const made = Object.values(feed.figures.run.status).some((status) => status !== "given");
  feed.id("note").textContent = feed.word(made ? "made_up" : "predicted");
  feed.id("run").replaceChildren(...feed.held.runs.map((run) => {
    const latest = run.id === feed.held.latest ? ` (${feed.word("latest")})` : "";
    const option = feed.element("option", `${run.name}, ${feed.date(run.created)}${latest}`, { value: run.id });
    option.selected = run.id === feed.run.id;
    return option;
  }));
  feed.id("share").textContent = feed.figures.measures.people_share?.title[feed.language] ?? "";
  feed.id("interval").textContent = feed.figures.interval.meaning[feed.language];
  feed.listLayers();
  feed.listFiles();
  feed.changed();
};

feed.changed = function () {
  const moment = feed.moments[feed.moment];
  feed.id("moment").value = feed.moment;
  feed.id("moment-name").textContent = moment === "before" ? feed.word("before") : String(moment);
  for (const { layer, on } of feed.layers.values()) if (on) layer.repaint();
  feed.showFigures();
  feed.listPlaces();
  const hash = new URLSearchParams({ run: feed.run.id, year: String(moment), lang: feed.language });
  history.replaceState(null, "", `#${hash}`);
};

feed.date = (text) => new Intl.DateTimeFormat(feed.settings.locales[feed.language], { dateStyle: "medium", timeZone: "UTC" }).format(new Date(text));

feed.written = function (value, unit) {
  if (value === null || value === undefined) return "–";
  const share = unit === "share";
  const digits = share ? { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 } : { maximumFractionDigits: 0 };
  const number = new Intl.NumberFormat(feed.settings.locales[feed.language], digits).format(value);
  return unit.startsWith("million") ? `${number} ${feed.word("million")} ${feed.figures.run.currency}` : number;
};

feed.range = (row, unit) => (row?.low === null || row?.low === undefined ? "" : `${feed.written(row.low, unit)} – ${feed.written(row.high, unit)}`);

feed.showFigures = function () {
  const [level, code] = feed.place, measures = Object.entries(feed.figures.measures);
  const named = feed.figures.figures.find((row) => row.level === level && row.code === code);
  feed.id("place").textContent = named?.name ?? feed.held.province;
  feed.id("whole").hidden = level === "province";
  const main = level === "zone" ? "zone_demand_share" : "people_share";
  const rows = feed.moments.map((moment, at) => [moment, feed.byKey.get([level, code, main, at === 0 ? "before" : moment].join("|"))]);
  feed.id("cards").replaceChildren(...rows.filter(([, row]) => row).map(([moment, row]) => feed.bar(moment, row)));
  feed.id("figures").tBodies[0].replaceChildren(...measures.flatMap(([measure, { unit, title, definition }]) => {
    const ends = ["before", "after"].map((when) => feed.byKey.get([level, code, measure, when].join("|")));
    if (!ends.some(Boolean)) return [];
    const line = feed.element("tr");
    line.append(feed.element("th", title[feed.language], { scope: "row", title: definition[feed.language] }));
    for (const row of ends) {
      const cell = feed.element("td", row ? feed.written(row.value, unit) : "");
      if (row?.low !== null && row) cell.append(feed.element("small", feed.range(row, unit)));
      line.append(cell);
    }
    return [line];
  }));
};

// A bar of the share at a moment, with its interval; the chosen moment stands out.
feed.bar = function (moment, row) {
  const chosen = feed.moments[feed.moment] === moment, line = feed.element("div", "", { class: chosen ? "bar chosen" : "bar" });
  const track = feed.element("span", "", { class: "track" }), fill = feed.element("i");
  fill.style.width = `${100 * row.value}%`;
  track.append(fill);
  line.append(feed.element("span", moment === "before" ? feed.word("before") : String(moment)), track, feed.element("b", feed.written(row.value, "share")));
  line.title = feed.range(row, "share");
  return line;
};

feed.listLayers = function () {
  feed.id("layers").replaceChildren(...[...feed.layers].reverse().map(([name, entry]) => {
    const about = feed.dictionary.layers[name] ?? feed.dictionary.rasters[name];
    const box = feed.element("input", "", { type: "checkbox", "data-layer": name }), label = feed.element("label");
    box.checked = entry.on;
    box.addEventListener("change", () => {
      entry.on = box.checked;
      if (entry.on) entry.layer.addTo(feed.map); else entry.layer.remove();
    });
    label.append(box, ` ${about?.title[feed.language] ?? name}`);
    const item = feed.element("li");
    item.append(label, ...feed.legend(name));
    return item;
  }));
};

feed.legend = function (name) {
  const classes = [];
  if (name === "communes") {
    const { breaks, colours } = feed.settings.share;
    colours.forEach((colour, at) => classes.push([colour, at === 0 ? `< ${feed.written(breaks[0], "share")}` : `≥ ${feed.written(breaks[at - 1], "share")}`]));
  } else if (name === "covered_year" || name === "ranking") {
    if (name === "covered_year") classes.push([feed.settings.before, feed.word("before")]);
    feed.figures.run.years.forEach((year) => classes.push([feed.settings.years[year], String(year)]));
  }
  if (!classes.length) return [];
  const legend = feed.element("div", "", { class: "legend" });
  for (const [colour, text] of classes) {
    const mark = feed.element("i"), entry = feed.element("span");
    mark.style.background = colour;
    entry.append(mark, text);
    legend.append(entry);
  }
  return [legend];
};

feed.listPlaces = function () {
  const plain = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/đ/gi, "d").toLowerCase();
  const wanted = plain(feed.id("search").value), seen = new Map();
  for (const { level, code, name } of feed.figures.figures) {
    if (level !== "province" && (wanted ? plain(name).includes(wanted) : level === "district")) seen.set(`${level}|${code}`, [level, code, name]);
  }
  const lines = [...seen.values()].slice(0, 60).map(([level, code, name]) => {
    const row = feed.figure(level, code, level === "zone" ? "zone_demand_share" : "people_share");
    const line = feed.element("tr"), cell = feed.element("td"), button = feed.element("button", name, { type: "button" });
    button.addEventListener("click", () => feed.choose(level, code));
    cell.append(button, feed.element("small", feed.word(level)));
    line.append(cell, feed.element("td", feed.written(row?.value, "share")));
    return line;
  });
  feed.id("places").tBodies[0].replaceChildren(...lines);
};

feed.choose = function (level, code) {
  feed.place = [level, code];
  feed.showFigures();
  feed.id("place").scrollIntoView({ block: "nearest" });
};

feed.pressed = async function ({ latlng }) {
  const communes = feed.layers.get("communes");
  const unit = communes ? await drawn.areaAt(communes.layer.file, latlng) : null;
  if (unit) feed.choose("commune", unit.commune_code); else feed.choose("province", "");
};

feed.listFiles = function () {
  feed.id("files").replaceChildren(...feed.settings.files.filter((file) => !file.public || feed.held.public).map(({ path, word }) => {
    const item = feed.element("li");
    item.append(feed.element("a", feed.word(word), { href: path.startsWith("/") ? path.slice(1) : `${feed.base}/${path}` }));
    return item;
  }));
};

feed.start().catch((error) => {
  feed.id("note").textContent = String(error.message ?? error);
  document.body.dataset.ready = "failed";
});
