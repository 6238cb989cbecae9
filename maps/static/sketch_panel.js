"use strict";
// The tab of the sketch: what is tried, what it serves and costs, what is asked, and the marks on the map.
phusong.sketch.open = function () {
  this.ready();
  this.show();
};

phusong.sketch.button = function (name, action) {
  return phusong.h("button", { type: "button", class: "plain", id: `sketch-${name}`, onclick: action }, this.word[name]);
};

phusong.sketch.build = function () {
  const { h } = phusong, { word } = this, { about } = this.engine;
  this.message = h("p", { class: "said", role: "status" });
  this.table = h("div", { class: "sketch-figures" });
  this.curve = h("div", { class: "sketch-curve" });
  this.one = h("div", { class: "sketch-one" });
  this.list = h("div", { class: "sketch-list" });
  this.areas = h("div", { class: "sketch-areas" });
  const names = h("datalist", { id: "sketch-names" }, about.stations.map((name) => h("option", { value: name })));
  const search = h("input", { type: "text", list: "sketch-names", id: "sketch-station", "aria-label": word.station, placeholder: word.station, onchange: () => this.pick(search.value.trim()) });
  this.page.replaceChildren(
    h("p", { class: "note" }, phusong.fill(word.note, { stations: phusong.number(about.stations.length), candidates: phusong.number(about.candidates) })),
    h("div", { class: "sketch-tools" }, this.button("choose", () => this.choose()),
      this.button("back", () => { this.reset(); this.build(); this.update(); }), this.button("save", () => this.save())),
    this.message, this.table, this.curve, search, names, this.one, this.list,
    this.means(), this.tiers(), this.weights(), this.areas);
  this.show();
};

phusong.sketch.show = function () {
  if (!this.page.childElementCount) return;
  const said = [this.needsRun ? this.word.needs_run : "", ...(this.missed || []).slice(0, 3).map(([tier, year]) => phusong.fill(this.word.missed, { tier: this.tierName(tier), year }))];
  this.message.textContent = said.filter(Boolean).join(" ");
  this.showTable();
  this.showCurve();
  this.showOne();
  this.showList();
  this.showAreas();
  this.marks();
};

phusong.sketch.tierName = function (number) {
  const tier = (phusong.data.record.tiers || []).find((one) => one.tier === number);
  return tier && typeof tier.title === "object" ? tier.title[phusong.data.language] || tier.title.en : (tier && tier.title) || String(number);
};

phusong.sketch.showTable = function () {
  const { h } = phusong, { word } = this;
  const years = this.years.map((_, place) => this.figures(place));
  const row = (label, pick, write, key) => h("tr", { "data-figure": key }, h("th", { scope: "row" }, label),
    years.map((year) => {
      const [was, is] = pick(year);
      return h("td", null, h("span", { class: "was" }, write(was)), h("b", null, write(is)));
    }));
  const share = (value) => phusong.percent(value, 2);
  this.table.replaceChildren(h("table", null,
    h("caption", null, word.table),
    h("thead", null, h("tr", null, h("th", null, ""), years.map(({ year }) => h("th", { scope: "col" }, String(year))))),
    h("tbody", null,
      row(word.stations, (year) => year.stations, (value) => phusong.number(value), "stations"),
      row(word.cost, (year) => year.cost, (value) => phusong.money(value), "cost"),
      row(word.people, (year) => year.people, share, "people"),
      row(word.zones, (year) => year.zones, share, "zones"),
      years[0].tiers.map(([number], k) => row(this.tierName(number), (year) => year.tiers[k].slice(1), share, `tier-${number}`)))));
};

// Residents served by the end of each year: the plan in grey, the sketch in colour.
phusong.sketch.showCurve = function () {
  const [wide, high] = [320, 70];
  const start = phusong.data.record.headline.people_share_before;
  const years = this.years.map((_, place) => this.figures(place).people);
  const top = Math.max(...years.flat(), start), low = Math.min(...years.flat(), start);
  const at = (share, place) => `${(8 + place * (wide - 16) / years.length).toFixed(1)},${(high - 8 - (high - 16) * (share - low) / Math.max(top - low, 1e-6)).toFixed(1)}`;
  const line = (which) => [start, ...years.map((pair) => pair[which])].map(at).join(" ");
  const drawn = phusong.svg(wide, high,
    ["polyline", { points: line(0), fill: "none", stroke: "#9db4c6", "stroke-width": 3 }],
    ["polyline", { points: line(1), fill: "none", stroke: "#a33b00", "stroke-width": 2 }]);
  this.curve.replaceChildren(drawn, phusong.h("p", { class: "soft" }, this.word.curve));
};

phusong.sketch.pick = function (name) {
  if (!this.rows.has(name)) {
    this.one.replaceChildren(name ? phusong.h("p", { class: "said" }, this.word.needs_run_for) : "");
    return;
  }
  this.picked = this.rows.get(name);
  this.showOne();
};

// The switch of a station and its year.
phusong.sketch.switch = function (row) {
  const { h } = phusong, { word } = this, year = this.draft[row];
  const input = h("input", { type: "checkbox", checked: year > 0, "data-station": this.engine.about.stations[row] });
  const years = h("select", { "aria-label": word.year, disabled: year === 0 },
    this.years.map((one) => h("option", { value: one, selected: one === year }, String(one))));
  const put = () => this.change(row, input.checked ? Number(years.value) : 0);
  input.addEventListener("change", () => {
    if (input.checked) years.value = String(this.planned[row] || this.years.at(-1));
    put();
  });
  years.addEventListener("change", put);
  return h("div", { class: "sketch-switch" }, h("label", null, input, " ", word.built), years);
};

phusong.sketch.showOne = function () {
  if (this.picked === undefined) return;
  const { h } = phusong, { arrays, about } = this.engine;
  this.one.replaceChildren(h("b", null, about.stations[this.picked]), h("small", null, ` ${phusong.money(arrays.cost[this.picked])}`), this.switch(this.picked));
};

// In the card of a station or of a place that was compared.
phusong.sketch.inCard = function (name) {
  if (!this.usable) return null;
  const { h } = phusong;
  const place = h("div", null);
  const fill = () => place.replaceChildren(this.ready().rows.has(name) ? this.switch(this.rows.get(name)) : h("p", { class: "soft" }, this.word.needs_run_for));
  if (this.engine) fill();
  else place.append(h("button", { type: "button", class: "plain", onclick: fill }, this.word.try));
  this.card = { name, fill };
  return phusong.card.section(this.word.tab, place);
};

phusong.sketch.showList = function () {
  const { h } = phusong, { word } = this, { about } = this.engine;
  const rows = this.changes(), shown = rows.slice(0, 40);
  const what = (row) => {
    if (!this.draft[row]) return word.off;
    return phusong.fill(this.planned[row] ? word.moved : word.on, { year: this.draft[row] });
  };
  this.list.replaceChildren(rows.length ? h("h3", null, phusong.fill(word.changed, { count: phusong.number(rows.length) })) : "",
    h("ul", null, shown.map((row) => h("li", null, `${about.stations[row]}: ${what(row)} `,
      h("button", { type: "button", class: "plain", onclick: () => this.change(row, this.planned[row]) }, word.undo)))));
};

// Zones and communes that win or lose most.
phusong.sketch.showAreas = function () {
  const { h } = phusong, { word } = this, { about } = this.engine;
  const [was, is] = [this.first.at(-1), this.now.at(-1)];
  const zones = about.zones.map((id, k) => [phusong.zoneById.get(id), is.zones[k] - was.zones[k]]).filter(([zone]) => zone)
    .map(([zone, more]) => [zone.name, zone.covered_share_after, more]);
  const communes = phusong.communes.map((commune) => {
    const at = about.communes.indexOf(commune.commune_code), people = at < 0 ? 0 : this.total(at);
    return [commune.full_name, commune.covered_population_share_after, people > 0 ? (is.people[at] - was.people[at]) / people : 0];
  });
  const most = (list) => list.filter(([, , more]) => Math.abs(more) >= 0.0005).sort((a, b) => Math.abs(b[2]) - Math.abs(a[2])).slice(0, 8);
  const table = (title, list) => (list.length ? [h("h3", null, title), h("table", null, h("tbody", null, list.map(([name, share, more]) => h("tr", null,
    h("th", { scope: "row" }, name), h("td", null, h("span", { class: "was" }, phusong.percent(share)), h("b", null, phusong.percent(this.bound(share + more))))))))] : []);
  this.areas.replaceChildren(...table(word.zones_changed, most(zones)), ...table(word.communes_changed, most(communes)));
};

phusong.sketch.field = function (label, value, put, attributes = {}) {
  const input = phusong.h("input", { type: "number", min: 0, value: value ?? "", "aria-label": label, ...attributes });
  input.addEventListener("change", () => {
    put(input.value === "" || !(Number(input.value) >= 0) ? undefined : Number(input.value));
    phusong.permalink.write();
  });
  return input;
};

phusong.sketch.setting = function (tree, key, value) {
  if (value === undefined) delete tree[key];
  else tree[key] = value;
};

phusong.sketch.means = function () {
  const { h } = phusong, { word, asked } = this;
  const rows = this.years.map((year) => h("tr", null, h("th", { scope: "row" }, String(year)),
    ["stations", "budget"].map((key) => h("td", null, this.field(`${word[`means_${key}`]} ${year}`, asked[key][year],
      (value) => this.setting(asked[key], String(year), value), { "data-means": `${key}-${year}` })))));
  return h("details", null, h("summary", null, word.means), h("table", null,
    h("thead", null, h("tr", null, h("th", null, ""), h("th", { scope: "col" }, word.means_stations), h("th", { scope: "col" }, word.means_budget))), h("tbody", null, rows)));
};

phusong.sketch.tiers = function () {
  const { h } = phusong, { word, asked } = this;
  const body = h("tbody", null);
  const draw = () => body.replaceChildren(...asked.tiers.filter(({ targets }) => Object.keys(targets).length).map((tier, place) => h("tr", null,
    h("th", { scope: "row" }, this.tierName(tier.number)),
    this.years.map((year) => h("td", null, this.field(`${this.tierName(tier.number)} ${year}, %`, tier.targets[year] === undefined ? "" : Math.round(1000 * tier.targets[year]) / 10,
      (value) => this.setting(tier.targets, String(year), value === undefined ? 0 : Math.min(value / 100, 1)), { max: 100, step: 1 }))),
    h("td", null, h("button", { type: "button", class: "plain", disabled: place === 0, "aria-label": `${word.earlier}: ${this.tierName(tier.number)}`, onclick: () => {
      const at = asked.tiers.indexOf(tier);
      asked.tiers.splice(at - 1, 2, tier, asked.tiers[at - 1]);
      draw();
      phusong.permalink.write();
    } }, "↑")))));
  draw();
  return h("details", null, h("summary", null, word.tiers), h("table", null,
    h("thead", null, h("tr", null, h("th", null, ""), this.years.map((year) => h("th", { scope: "col" }, `${year}, %`)), h("th", null, ""))), body));
};

phusong.sketch.weights = function () {
  const { h } = phusong, { word, asked } = this, { ranked } = this.engine.about;
  if (!ranked.length) return null;
  return h("details", null, h("summary", null, word.weights), h("p", { class: "note" }, word.weights_note), h("table", null, h("tbody", null, ranked.map((id, place) => {
    const name = (phusong.zoneById.get(id) || { name: id }).name;
    return h("tr", null, h("th", { scope: "row" }, name), h("td", null, this.field(`${word.weight}: ${name}`, Math.round(100 * asked.weights[place]) / 100,
      (value) => { asked.weights[place] = Math.min(value ?? 1, 9); }, { step: 0.1, max: 9, "data-weight": id })));
  }))));
};

// Stations off as broken rings, on as filled ones with a dark rim; while the tab is open all places that may be tried.
phusong.sketch.marks = function () {
  const { arrays, about } = this.engine;
  if (!this.layer) {
    phusong.map.createPane("sketch").style.zIndex = "605"; // above the stations of the plan
    this.renderer = L.svg({ pane: "sketch" });
    this.layer = L.layerGroup().addTo(phusong.map);
  }
  this.layer.clearLayers();
  const open = !this.page.hidden;
  const years = phusong.data.colours.years || {};
  for (let row = 0; row < this.draft.length; row += 1) {
    const changed = this.draft[row] !== this.planned[row];
    if (!changed && (this.draft[row] || !open)) continue;
    const style = !changed ? { radius: 3, color: "#5b6872", weight: 1, fillOpacity: 0.1 }
      : this.draft[row] ? { radius: 7, color: "#111", weight: 2, fillColor: years[this.draft[row]] || "#1a5674", fillOpacity: 1 }
        : { radius: 8, color: "#a33b00", weight: 2.5, dashArray: "4 3", fillColor: "#fff", fillOpacity: 0.8 };
    const mark = L.circleMarker([arrays.lat[row], arrays.lon[row]], { renderer: this.renderer, pane: "sketch", bubblingMouseEvents: false, ...style });
    mark.on("click", () => this.touch(row));
    mark.bindTooltip(about.stations[row], { direction: "top" });
    mark.addTo(this.layer);
  }
};

// Sampled places that the sketch serves more (blue) or less (orange) than the plan at the end of the year shown.
phusong.sketch.differences = function () {
  const { arrays } = this.engine, { step } = phusong.state;
  if (!this.cells) {
    phusong.map.createPane("sketchCells").style.zIndex = "390";
    this.cells = L.layerGroup().addTo(phusong.map);
    this.canvas = L.canvas({ pane: "sketchCells" });
  }
  this.cells.clearLayers();
  if (!this.active() || step <= 0) return;
  const place = Math.min(step, this.years.length) - 1, [was, is] = [this.first[place].level, this.now[place].level];
  for (let cell = 0; cell < was.length; cell += 1) {
    const change = (is[cell] - was[cell]) / 255;
    if (Math.abs(change) < this.SEEN) continue;
    L.circleMarker([arrays.cell_lat[cell], arrays.cell_lon[cell]], {
      renderer: this.canvas, pane: "sketchCells", interactive: false, radius: 3, stroke: false,
      fillColor: change > 0 ? "#1f5fbf" : "#d95f02", fillOpacity: 0.35 + 0.6 * Math.abs(change),
    }).addTo(this.cells);
  }
};

phusong.sketch.SEEN = 0.05; // of a change in the probability of service

phusong.sketch.touch = function (row) {
  this.picked = row;
  phusong.tabs.open(document.getElementById("tab-sketch"), true);
  this.show();
  this.one.scrollIntoView({ block: "nearest" });
};
