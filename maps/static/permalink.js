"use strict";
// The view as the part of the address after "#": written at every change, read when the page opens.
// Names of themes and layers stand there, not words, so a link serves both languages.
phusong.permalink = { SETS: ["show", "operators", "technologies", "years", "zones"] };

phusong.permalink.start = function (map) {
  this.usual = this.parts();
  this.read();
  map.on("moveend", () => this.write());
  window.addEventListener("hashchange", () => {
    if (location.hash.slice(1) !== this.written) this.read();
  });
  this.started = true;
};

phusong.permalink.parts = function () {
  const { state } = phusong;
  const sets = this.SETS.map((name) => [name, [...state[name]].sort().join("~")]);
  return new Map([
    ["theme", state.surface],
    ["left", state.left || ""],
    ["at", state.left ? state.at.toFixed(3) : ""],
    ["year", state.step < phusong.years.last() ? String(phusong.years.year(state.step)) : ""],
    ["palette", state.palette],
    ["opacity", String(state.opacity)],
    ...sets,
    ["tab", phusong.tabs.shown()],
    ["order", phusong.ranking.view],
    ["sorted", `${phusong.ranking.column}${phusong.ranking.descending ? "-" : ""}`],
    ["text", phusong.filters.text],
    ["only", Object.entries(phusong.filters.chosen).filter(([, value]) => value).map((pair) => pair.join(":")).sort().join("~")],
    ["weights", phusong.weights.own.map((weight) => weight.toFixed(2)).join("~")],
    ["chosen", this.chosen()],
    ["sketch", phusong.sketch.link()[0]],
    ["asked", phusong.sketch.link()[1]],
  ]);
};

phusong.permalink.ID = { commune: "commune_code", district: "district_code", zone: "zone_id", site: "site_id", candidate: "site_id", hole: "index" };

phusong.permalink.chosen = function () {
  const { selected } = phusong.state;
  if (!selected) return "";
  const { kind, record } = selected;
  return kind === "point" ? `point:${record.lat.toFixed(6)}~${record.lng.toFixed(6)}` : `${kind}:${record[this.ID[kind]]}`;
};

// Write soon: browsers refuse addresses that change too often, as while a slider is drawn.
phusong.permalink.write = function () {
  if (!this.started) return;
  clearTimeout(this.waiting);
  this.waiting = setTimeout(() => this.now(), 200);
};

// Write what differs from the page as it opens, and where the map is.
phusong.permalink.now = function () {
  clearTimeout(this.waiting);
  const { map } = phusong;
  const { lat, lng } = map.getCenter();
  const parts = [["map", `${lat.toFixed(5)}~${lng.toFixed(5)}~${map.getZoom().toFixed(1)}`],
    ...(phusong.data.language === phusong.languages.first ? [] : [["lang", phusong.data.language]]),
    ...[...this.parts()].filter(([key, value]) => value !== this.usual.get(key))];
  this.written = parts.map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join("&");
  history.replaceState(null, "", "#" + this.written);
};

phusong.permalink.read = function () {
  clearTimeout(this.waiting);
  const given = new Map();
  for (const part of location.hash.slice(1).split("&")) {
    const [key, value] = part.split("=");
    try {
      if (value !== undefined) given.set(key, decodeURIComponent(value));
    } catch { /* not a link that this page wrote: the part is left out */ }
  }
  if (!given.size) return;
  const told = (key) => given.get(key) ?? this.usual.get(key);
  this.restore(told);
  phusong.sketch.take(told("sketch"), told("asked"));
  this.table(told);
  this.place(given.get("map"));
  phusong.refresh();
  this.choose(given.get("chosen") || "");
};

// Take over what is known; the rest stays as the page opens.
phusong.permalink.restore = function (told) {
  const { state, years } = phusong;
  const theme = (name) => name === "none" || phusong.themes.of(name) !== undefined;
  const share = (text, least) => (text !== "" && Number(text) >= least && Number(text) <= 1 ? Number(text) : null);
  if (theme(told("theme"))) state.surface = told("theme");
  state.left = theme(told("left")) ? told("left") : null;
  state.at = share(told("at"), 0) ?? 0.5;
  state.opacity = share(told("opacity"), 0.2) ?? state.opacity;
  state.palette = told("palette") === "operator" ? "operator" : "level";
  const step = [0, ...years.list().map((year) => year.year)].indexOf(Number(told("year")));
  state.step = told("year") === "" || step < 0 ? years.last() : step;
  for (const name of this.SETS) state[name] = new Set(told(name).split("~").filter((key) => phusong.controls.knows(name, key)));
};

// The table as the link has it: what it lists, how it is sorted and filtered, own weights; and the tab.
phusong.permalink.table = function (told) {
  const { filters, ranking, tabs, weights } = phusong;
  const own = told("weights").split("~").map(Number);
  if (told("weights") === this.usual.get("weights")) weights.take(weights.planned());
  else if (own.length === weights.own.length && own.every((weight) => weight >= 0 && weight <= 1)) weights.take(own);
  weights.pick(told("order"));
  const sorted = told("sorted").replace(/-$/, "");
  ranking.column = ranking.columns().some(({ key }) => key === sorted) ? sorted : "rank";
  ranking.descending = told("sorted").endsWith("-");
  filters.take(told("text"), Object.fromEntries(told("only").split("~").filter(Boolean).map((pair) => pair.split(":"))));
  const tab = document.getElementById("tab-" + told("tab"));
  if (tab && tab.getAttribute("aria-selected") !== "true") tabs.open(tab, true);
};

phusong.permalink.place = function (told) {
  const [lat, lng, zoom] = (told || "").split("~").map(Number);
  if ([lat, lng, zoom].every(Number.isFinite)) phusong.map.setView([lat, lng], zoom, { animate: false });
};

phusong.permalink.choose = function (told) {
  const at = told.indexOf(":");
  const [kind, id] = [told.slice(0, at), told.slice(at + 1)];
  if (kind === "point") {
    const [lat, lng] = id.split("~").map(Number);
    if (Number.isFinite(lat) && Number.isFinite(lng)) phusong.point.choose({ lat, lng });
    return;
  }
  const lists = { commune: "communes", district: "districts", zone: "zones", site: "sites", candidate: "candidates", hole: "holes" };
  if (!Object.hasOwn(lists, kind)) {
    phusong.deselect();
    return;
  }
  const record = phusong[lists[kind]].find((one) => String(one[this.ID[kind]]) === id);
  if (record) phusong.select(kind, record);
};
