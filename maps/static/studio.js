"use strict";
// The studio: stations put on, moved and taken away on the real prediction, asked of the server.
phusong.studio = {
  stations: new Map(), candidates: new Map(), past: [], future: [], selected: null, placing: false,
  figures: null, plan: null, results: new Map(),
};

// The token comes in the fragment of the first address, which no server sees, and leaves it at once.
phusong.studio.token = (function () {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given) {
    sessionStorage.setItem("phusong-token", given);
    const rest = location.hash.slice(1).split("&").filter((part) => !part.startsWith("token=")).join("&");
    history.replaceState(null, "", location.pathname + location.search + (rest && `#${rest}`));
  }
  return given || sessionStorage.getItem("phusong-token") || "";
})();

phusong.studio.client = (function () {
  const known = localStorage.getItem("phusong-client");
  if (known) return known;
  const made = crypto.randomUUID();
  localStorage.setItem("phusong-client", made);
  return made;
})();

phusong.studio.ask = async function (path, { method = "GET", body } = {}) {
  const address = `api/v1/${path}?lang=${phusong.data.language}`;
  const headers = { "X-Phusong-Client": this.client };
  if (method !== "GET") headers.Authorization = `Bearer ${this.token}`;
  if (body) headers["Content-Type"] = "application/json";
  const answer = await fetch(address, { method, headers, body: body && JSON.stringify(body) });
  const kind = answer.headers.get("content-type") || "";
  const content = kind.includes("json") ? await answer.json() : await answer.text();
  if (!answer.ok) throw new Error(this.problem(answer.status, content));
  return content;
};

phusong.studio.problem = function (status, content) {
  if (status === 403) return this.word.no_token;
  const said = (content && content.error) || String(status);
  const defects = (content && content.defects) || [];
  return [said, ...defects.map((d) => [d.value, d.problem, d.remedy && `(${d.remedy})`].filter(Boolean).join(" "))].join("\n");
};

phusong.studio.start = async function (map) {
  this.map = map;
  this.word = phusong.data.studio;
  this.build();
  try {
    const [state, candidates] = await Promise.all([this.ask("state"), this.ask("candidates")]);
    this.years = state.years;
    this.carriers = state.carriers;
    candidates.site_id.forEach((name, i) => {
      this.candidates.set(name, { ...Object.fromEntries(Object.keys(candidates).map((key) => [key, candidates[key][i]])), name });
    });
    this.stations = new Map(state.stations.map((station) => [station.site_id, station]));
    this.planned = new Map(this.stations);
    this.plan = state.figures;
    this.figures = state.figures;
    this.layers();
    this.fit();
    await this.showDrafts();
    this.redraw();
    document.body.dataset.studio = "ready";
  } catch (error) {
    this.say(error.message, true);
  }
};

phusong.studio.say = function (text, bad = false) {
  this.message.textContent = text;
  this.message.classList.toggle("bad", bad);
};

// Do something that takes a while, and say so; what goes wrong is said, and nothing is lost.
phusong.studio.busy = async function (work, text) {
  this.say(text || this.word.working);
  this.panel.setAttribute("aria-busy", "true");
  try {
    const result = await work();
    this.say("");
    return result;
  } catch (error) {
    this.say(error.message, true);
    return null;
  } finally {
    this.panel.removeAttribute("aria-busy");
  }
};

phusong.studio.build = function () {
  const { h } = phusong, { word } = this;
  const button = (text, action, extra = {}) => h("button", { type: "button", onclick: action, ...extra }, text);
  this.message = h("p", { class: "studio-message", role: "status" });
  this.table = h("div", { class: "studio-figures" });
  this.card = h("section", { class: "studio-card", "aria-live": "polite" });
  this.changes = h("div", { class: "studio-changes" });
  this.drafts = h("div", { class: "studio-drafts" });
  this.undoButton = button(word.undo, () => this.step(this.past, this.future), { disabled: true });
  this.redoButton = button(word.redo, () => this.step(this.future, this.past), { disabled: true });
  this.placeButton = button(word.place, () => this.place(), { "aria-pressed": "false" });
  this.search = h("input", {
    type: "text", list: "studio-names", "aria-label": word.choose_station, placeholder: word.choose_station,
    onchange: (event) => this.select(event.target.value.trim()),
  });
  this.names = h("datalist", { id: "studio-names" });
  this.name = h("input", { type: "text", maxlength: 60, "aria-label": word.draft_name, placeholder: word.draft_name });
  this.stopButton = button(word.stop, () => this.stop(), { hidden: true });
  this.panel = h("aside", { class: "studio", "aria-label": word.title },
    h("header", null, h("h2", null, word.title), button("\u2212", () => this.fold(), { "aria-label": word.fold, class: "fold" })),
    h("div", { class: "studio-body" },
      h("div", { class: "studio-tools" }, this.placeButton, this.undoButton, this.redoButton, button(word.back_to_plan, () => this.reset())),
      this.search, this.names, this.card, this.table, this.changes,
      h("div", { class: "studio-tools" },
        button(word.finish_quick, () => this.finish(true)), button(word.finish_well, () => this.finish(false)), this.stopButton),
      h("div", { class: "studio-tools" }, this.name, button(word.keep, () => this.keep())),
      this.drafts,
      h("div", { class: "studio-tools" }, button(word.save_scenario, () => this.saveScenario()))),
    this.message);
  document.body.append(this.panel);
  document.body.classList.add("in-studio");
  L.DomEvent.disableClickPropagation(this.panel);
};

phusong.studio.fold = function () {
  this.panel.classList.toggle("folded");
};

// Layers: candidates as small rings, stations of the draft filled, the picture below them.
phusong.studio.layers = function () {
  this.renderer = L.canvas({ padding: 0.3 });
  this.rings = L.layerGroup().addTo(this.map);
  this.marks = L.layerGroup().addTo(this.map);
  this.map.on("click", (event) => { if (this.placing) this.put(event.latlng); });
  const options = [...this.candidates.keys()].map((name) => phusong.h("option", { value: name }));
  this.names.replaceChildren(...options);
};

// Show the whole province, clear of the panel.
phusong.studio.fit = function () {
  const [west, south, east, north] = phusong.data.bounds;
  const right = phusong.isCoarse() ? 20 : this.panel.offsetWidth + 30;
  this.map.fitBounds([[south, west], [north, east]], { paddingTopLeft: [62, 18], paddingBottomRight: [right, 40], animate: false });
};

phusong.studio.where = function (name) {
  const own = this.stations.get(name);
  if (own && own.lon !== undefined) return [own.lat, own.lon];
  const at = this.candidates.get(name);
  return at ? [at.lat, at.lon] : null;
};

phusong.studio.redraw = function () {
  this.rings.clearLayers();
  this.marks.clearLayers();
  for (const [name, at] of this.candidates) {
    if (this.stations.has(name)) continue;
    const taken = this.planned.has(name);
    this.ring(name, [at.lat, at.lon], { radius: taken ? 6 : 3.5, color: taken ? "#a33b00" : "#5b6872", weight: taken ? 2 : 1, dashArray: taken ? "3 3" : null, fillOpacity: 0.05 });
  }
  for (const [name, station] of this.stations) {
    const added = !this.planned.has(name), chosen = name === this.selected;
    const colour = (phusong.data.colours.years || {})[station.year] || "#1a5674";
    if (station.name !== undefined) {
      this.drag(name, station, colour);
      continue;
    }
    this.ring(name, this.where(name), { radius: chosen ? 9 : 6.5, color: added || chosen ? "#111" : "#fff", weight: added || chosen ? 2.5 : 1.2, fillColor: colour, fillOpacity: 0.95 });
  }
  this.undoButton.disabled = !this.past.length;
  this.redoButton.disabled = !this.future.length;
  this.showFigures();
};

phusong.studio.ring = function (name, place, style) {
  const mark = L.circleMarker(place, { renderer: this.renderer, fill: true, bubblingMouseEvents: false, ...style });
  mark.bindTooltip(name, { direction: "top" });
  mark.on("click", () => this.select(name));
  mark.addTo(this.stations.has(name) ? this.marks : this.rings);
};

// A station of one's own can be dragged.
phusong.studio.drag = function (name, station, colour) {
  const icon = L.divIcon({ className: "studio-own", html: "", iconSize: [20, 20] });
  const mark = L.marker([station.lat, station.lon], { icon, draggable: true, keyboard: true, title: name, alt: name });
  mark.on("click", () => this.select(name));
  mark.on("dragend", () => {
    const { lat, lng } = mark.getLatLng();
    this.change(name, { ...station, lat: +lat.toFixed(6), lon: +lng.toFixed(6) });
  });
  mark.addTo(this.marks);
  mark.getElement().style.background = colour;
};

// Every change goes through here: the state before is kept for undo.
phusong.studio.change = function (name, station) {
  this.past.push(new Map(this.stations));
  this.future = [];
  if (station) this.stations.set(name, station);
  else this.stations.delete(name);
  this.update(name);
};

phusong.studio.step = function (from, to) {
  if (!from.length) return;
  to.push(new Map(this.stations));
  this.stations = from.pop();
  this.update(this.selected);
};

phusong.studio.reset = function () {
  this.past.push(new Map(this.stations));
  this.future = [];
  this.stations = new Map(this.planned);
  this.update(null);
};

phusong.studio.list = function () {
  return [...this.stations.values()];
};

phusong.studio.update = async function (name) {
  this.redraw();
  const asked = (this.asked = (this.asked || 0) + 1);
  const result = await this.busy(() => this.ask("evaluate", { method: "POST", body: { stations: this.list() } }));
  if (!result || asked !== this.asked) return;
  this.figures = result;
  if (result.warnings.length) this.say(result.warnings.slice(0, 3).join("\n"));
  this.lay("difference", result.picture);
  this.showFigures();
  if (name) await this.select(name);
};

// Lay a picture over the map in place of the last of its kind.
phusong.studio.lay = function (kind, picture) {
  this.pictures = this.pictures || {};
  if (this.pictures[kind]) this.pictures[kind].remove();
  this.pictures[kind] = picture && L.imageOverlay(picture.url, picture.bounds, { opacity: 0.8, className: "studio-picture" }).addTo(this.map);
};

phusong.studio.place = function () {
  this.placing = !this.placing;
  this.placeButton.setAttribute("aria-pressed", String(this.placing));
  document.body.classList.toggle("placing", this.placing);
  this.say(this.placing ? this.word.click_map : "");
};

phusong.studio.put = function (at) {
  this.place();
  let number = 1;
  while (this.stations.has(`5G-own-${number}`)) number += 1;
  const name = `own-${number}`;
  const station = { name, lon: +at.lng.toFixed(6), lat: +at.lat.toFixed(6), year: this.years[this.years.length - 1] };
  this.selected = `5G-${name}`;
  this.change(this.selected, station);
};

phusong.studio.select = async function (name) {
  const known = this.stations.has(name) || this.candidates.has(name);
  if (!known) {
    this.selected = null;
    this.card.replaceChildren();
    return;
  }
  this.selected = name;
  const station = this.stations.get(name) || { site_id: name, year: this.years[this.years.length - 1] };
  this.showCard(name, station, null);
  this.redraw();
  const { stations } = { stations: this.list() };
  const result = await this.busy(() => this.ask("station", { method: "POST", body: { station, stations } }));
  if (!result || this.selected !== name) return;
  this.lay("footprint", result.picture);
  this.showCard(name, station, result);
  if (result.warnings.length) this.say(result.warnings.join("\n"));
};

phusong.studio.showCard = function (name, station, result) {
  const { h } = phusong, { word } = this;
  const built = this.stations.has(name);
  const row = (label, value) => (value === null || value === undefined ? null : h("div", null, h("dt", null, label), h("dd", null, value)));
  const field = (label, key, value, attributes) => h("label", null, label, h("input", {
    type: "number", value: value ?? "", ...attributes, onchange: (event) => this.antenna(name, station, key, event.target.value),
  }));
  const at = result && result.station;
  const year = h("select", { "aria-label": word.year, onchange: (event) => this.change(name, { ...station, year: +event.target.value }) },
    this.years.map((each) => h("option", { value: each, selected: each === station.year }, String(each))));
  const azimuths = (station.azimuths_deg || []).join("/") || (at && at.azimuths_deg) || "";
  this.card.replaceChildren(
    h("h3", null, name, h("small", null, at ? ` ${word[at.kind] || at.kind}` : "")),
    h("div", { class: "studio-tools" },
      built ? h("button", { type: "button", onclick: () => this.change(name, null) }, word.take_out)
        : h("button", { type: "button", onclick: () => this.change(name, station) }, word.build),
      built ? h("label", null, word.year, year) : null),
    built ? h("div", { class: "studio-antenna" },
      field(word.height, "height_m", station.height_m ?? (at && Math.round(10 * at.height_m) / 10), { min: 3, max: 200, step: 1 }),
      field(word.downtilt, "downtilt_deg", station.downtilt_deg ?? this.carriers[0].downtilt_deg, { min: -20, max: 45, step: 0.5 }),
      h("label", null, word.azimuths, h("input", { type: "text", value: azimuths, onchange: (event) => this.azimuths(name, station, event.target.value) }))) : null,
    result ? h("dl", null,
      row(word.people_gained, phusong.number(result.people_gained)),
      row(word.cost, phusong.money(at.cost_million)),
      row(word.backhaul, `${phusong.number(at.backhaul_m)} m`),
      row(word.commune, this.commune(at.commune_code)),
      row(word.most_gained, this.most(result.changed_communes))) : null);
};

phusong.studio.antenna = function (name, station, key, text) {
  const value = Number(text);
  if (text === "" || Number.isNaN(value)) return;
  this.change(name, { ...station, [key]: value });
};

phusong.studio.azimuths = function (name, station, text) {
  const degrees = text.split(/[\s/,;]+/).filter(Boolean).map(Number);
  if (!degrees.length || degrees.some((each) => Number.isNaN(each) || each < 0 || each >= 360)) {
    this.say(this.word.bad_azimuths, true);
    return;
  }
  this.change(name, { ...station, azimuths_deg: degrees });
};

phusong.studio.commune = function (code) {
  const commune = phusong.communeByCode.get(code);
  return commune ? commune.name : code;
};

// The communes that gain or lose most, in points.
phusong.studio.most = function (changes, count = 3) {
  const parts = Object.entries(changes).slice(0, count).map(([code, share]) => `${this.commune(code)} ${this.points(share)}`);
  return parts.join(", ") || "\u2013";
};

phusong.studio.points = function (share) {
  return `${share > 0 ? "+" : ""}${phusong.number(100 * share, 1)} ${this.word.points}`;
};

// What is tried beside the plan, and beside other drafts that were opened.
phusong.studio.showFigures = function () {
  if (!this.plan) return;
  const { h } = phusong, { word } = this;
  const columns = [[word.plan, this.plan], ...this.results, [word.draft, this.figures]];
  const last = (figures) => figures.years[figures.years.length - 1];
  const sum = (figures, key) => figures.years.reduce((total, year) => total + year[key], 0);
  const rows = [
    [word.stations, (f) => phusong.number(sum(f, "stations"))],
    [word.cost_billion, (f) => phusong.number(sum(f, "cost_million") / 1000, 1)],
    ...this.years.map((year, i) => [`${word.people} ${year}`, (f) => phusong.percent(f.years[i].people_share)]),
    [word.zones, (f) => phusong.percent(last(f).zone_demand_share)],
    ...Object.keys(last(this.plan).tiers).map((tier) => [phusong.tierTitle(+tier), (f) => phusong.percent(last(f).tiers[tier])]),
  ];
  this.table.replaceChildren(h("table", null,
    h("thead", null, h("tr", null, h("th", null), columns.map(([name]) => h("th", { scope: "col" }, name)))),
    h("tbody", null, rows.map(([name, value]) => h("tr", null, h("th", { scope: "row" }, name),
      columns.map(([, figures]) => h("td", null, figures ? value(figures) : "\u2013")))))));
  const changed = this.figures && this.figures.changed_communes;
  this.changes.replaceChildren(...(changed && Object.keys(changed).length
    ? [h("p", null, h("b", null, word.changed), " ", this.most(changed, 5))] : []));
};

// Choose the rest around what was put on by hand, and without what was taken out.
phusong.studio.finish = async function (quick) {
  const fixed = this.list().filter((station) => !this.planned.has(station.site_id) || station.height_m !== undefined
    || station.downtilt_deg !== undefined || station.azimuths_deg !== undefined || this.planned.get(station.site_id).year !== station.year);
  const forbid = [...this.planned.keys()].filter((name) => !this.stations.has(name));
  const body = { stations: fixed, forbid, quick, proof_seconds: quick ? 0 : 10 };
  const begun = await this.busy(() => this.ask("finish", { method: "POST", body }));
  if (!begun) return;
  this.job = begun.job;
  this.stopButton.hidden = false;
  await this.busy(() => this.wait(begun.job), this.word.choosing);
  this.stopButton.hidden = true;
};

phusong.studio.wait = async function (job) {
  const started = Date.now();
  while (this.job === job) {
    const state = await this.ask(`jobs/${job}`);
    if (state.state === "failed") throw new Error(state.error);
    if (state.state === "done") {
      this.past.push(new Map(this.stations));
      this.future = [];
      this.stations = new Map(state.result.stations.map((s) => [s.site_id || `5G-${s.name}`, s]));
      this.job = null;
      await this.update(null);
      if (state.result.gap !== null) this.say(phusong.fill(this.word.gap, { gap: phusong.percent(Math.max(state.result.gap, 0)) }));
      return;
    }
    this.say(`${this.word.choosing} ${Math.round((Date.now() - started) / 1000)} s`);
    await new Promise((go) => setTimeout(go, 400));
  }
};

phusong.studio.stop = async function () {
  const job = this.job;
  this.job = null;
  this.stopButton.hidden = true;
  if (job) await this.busy(() => this.ask(`jobs/${job}`, { method: "DELETE" }));
};

phusong.studio.keep = async function () {
  const name = this.name.value.trim();
  if (!name) {
    this.name.focus();
    return;
  }
  await this.busy(() => this.ask(`drafts/${encodeURIComponent(name)}`, { method: "PUT", body: { stations: this.list() } }));
  this.results.set(name, this.figures);
  await this.showDrafts();
  this.showFigures();
};

phusong.studio.showDrafts = async function () {
  const { h } = phusong, { word } = this;
  const drafts = await this.ask("drafts");
  this.drafts.replaceChildren(...Object.entries(drafts).map(([name, draft]) => h("div", { class: "studio-draft" },
    h("span", null, name),
    h("button", { type: "button", onclick: () => this.open(draft.stations) }, word.open),
    h("button", { type: "button", onclick: () => this.besides(name, draft.stations), "aria-pressed": String(this.results.has(name)) }, word.beside),
    h("button", { type: "button", "aria-label": `${word.drop} ${name}`, onclick: () => this.drop(name) }, "\u00d7"))));
};

phusong.studio.open = function (stations) {
  this.past.push(new Map(this.stations));
  this.future = [];
  this.stations = new Map(stations.map((s) => [s.site_id || `5G-${s.name}`, s]));
  this.update(null);
};

// Show the figures of a draft beside the plan, or take them away again.
phusong.studio.besides = async function (name, stations) {
  if (this.results.has(name)) this.results.delete(name);
  else {
    const result = await this.busy(() => this.ask("evaluate", { method: "POST", body: { stations } }));
    if (result) this.results.set(name, result);
  }
  await this.showDrafts();
  this.showFigures();
};

phusong.studio.drop = async function (name) {
  await this.busy(() => this.ask(`drafts/${encodeURIComponent(name)}`, { method: "DELETE" }));
  this.results.delete(name);
  await this.showDrafts();
  this.showFigures();
};

phusong.studio.saveScenario = async function () {
  const text = await this.busy(() => this.ask("override", { method: "POST", body: { stations: this.list() } }));
  if (!text) return;
  const address = URL.createObjectURL(new Blob([text], { type: "application/toml" }));
  const link = phusong.h("a", { href: address, download: "studio.toml" });
  link.click();
  URL.revokeObjectURL(address);
  this.say(this.word.saved);
};
