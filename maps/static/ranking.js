"use strict";
// The table of proposed stations, of zones, or of zones by own weights: sorted, filtered, saved.
phusong.ranking = { view: "plan", column: "rank", descending: false, shown: [] };

phusong.placeName = function (code) {
  const commune = phusong.communeByCode.get(code);
  return commune ? phusong.shortName(commune.name) : code || "–";
};

phusong.ranking.badge = (row, rank) => phusong.h("i", { class: "badge small " + row.kind, style: phusong.yearStyle(row.year) },
  phusong.h("b", null, String(rank)));

phusong.ranking.PLACE = {
  key: "place", text: true, value: (row) => phusong.placeName(row.commune_code),
  cell: (row) => [phusong.h("b", null, phusong.placeName(row.commune_code)), phusong.h("small", null, row.site_id)],
};
phusong.ranking.COST = { key: "cost_million", word: "cost_column", large: true, value: (row) => row.cost_million };
phusong.ranking.PEOPLE = { key: "people_gained", word: "people_gained_short", large: true, value: (row) => row.people_gained };

phusong.ranking.ZONE = {
  key: "place", word: "zone", text: true, value: (zone) => zone.name,
  cell: (zone) => [phusong.h("b", null, zone.name), phusong.h("small", null, phusong.ranking.ofZone(zone))],
};
phusong.ranking.INTERVAL = {
  key: "interval", word: "rank_interval", value: (z) => z.ranked.rank_low + z.ranked.rank_high / 1000,
  cell: (z) => (z.ranked.rank_low === z.ranked.rank_high ? String(z.ranked.rank_low) : `${z.ranked.rank_low}–${z.ranked.rank_high}`),
  sheet: [["rank_low", (z) => z.ranked.rank_low], ["rank_high", (z) => z.ranked.rank_high]],
};

// The kind of a zone, and the commune where that is not its name.
phusong.ranking.ofZone = function (zone) {
  const place = phusong.placeName(zone.commune_code);
  return [phusong.word["zone_" + zone.kind] || zone.kind, zone.name.includes(place) ? null : place].filter(Boolean).join(" · ");
};

phusong.ranking.tier = ({ ranked }) => (ranked.tier ? phusong.h("span", { title: phusong.tierTitle(ranked.tier) }, String(ranked.tier)) : "–");

phusong.tierTitle = function (number) {
  const tier = (phusong.data.record.tiers || []).find((one) => one.tier === number);
  return tier ? `${tier.tier}. ${tier.title}` : phusong.word.no_tier;
};

// Each: key, word of the heading, value to sort and save by, and the cell where it is not that number.
phusong.RANKING_COLUMNS = {
  plan: [
    { key: "rank", value: (c) => c.rank, cell: (c) => phusong.ranking.badge(c, c.rank) },
    phusong.ranking.PLACE,
    { key: "year", value: (c) => c.year, cell: (c) => String(c.year) },
    phusong.ranking.PEOPLE,
    phusong.ranking.COST,
    { key: "gain_per_billion", word: "gain_short", large: true, decimals: 0, value: (c) => c.gain_per_billion },
    { key: "stability", text: true, value: (c) => c.stability, cell: (c) => c.stability },
    { key: "probability_top_n", word: "probability_short", large: true, value: (c) => c.probability_top_n, cell: (c) => phusong.percent(c.probability_top_n, 0) },
    { key: "probability_nearby", word: "nearby_short", large: true, value: (c) => c.probability_nearby, cell: (c) => phusong.percent(c.probability_nearby, 0) },
  ],
  zones: [
    { key: "rank", note: "score", value: (z) => z.ranked.rank },
    phusong.ranking.ZONE,
    { key: "tier", value: (z) => z.ranked.tier, cell: (z) => phusong.ranking.tier(z) },
    { key: "zone_weight", word: "zone_weight_short", large: true, decimals: 2, value: (z) => z.ranked.weight },
    { key: "score", word: "score_short", large: true, decimals: 1, value: (z) => z.ranked.score },
    phusong.ranking.INTERVAL,
    { key: "probability_top_n", word: "probability_first", note: "zone_first", large: true, value: (z) => z.ranked.probability_top_n, cell: (z) => phusong.percent(z.ranked.probability_top_n, 0) },
    { key: "topsis", word: "topsis_short", large: true, decimals: 1, value: (z) => z.ranked.topsis },
    { key: "stations", word: "stations_short", large: true, value: (z) => z.stations },
    { key: "after", word: "served_after", large: true, value: (z) => z.covered_share_after, cell: (z) => phusong.percent(z.covered_share_after, 0) },
  ],
  own: [
    { key: "rank", word: "own_rank", note: "score", value: (z) => z.own_rank },
    phusong.ranking.ZONE,
    { key: "own_score", large: true, decimals: 1, value: (z) => z.own_score },
    { key: "plan_rank", value: (z) => z.ranked.rank },
    { key: "score", word: "score_short", large: true, decimals: 1, value: (z) => z.ranked.score },
  ],
};

phusong.ranking.start = function () {
  const { h, word } = phusong;
  const page = document.getElementById("page-ranking");
  this.count = h("p", { class: "count", role: "status" });
  this.head = h("tr", null);
  this.body = h("tbody", null);
  this.empty = h("p", { class: "none" });
  this.note = h("p", { class: "soft" }, word.classes_note);
  const action = (label, id, run) => h("button", { type: "button", class: "plain", id, onclick: run }, label);
  this.wide = action("⇔", "ranking-wide", () => this.widen());
  this.nameWide(false);
  page.append(h("div", { class: "wide-sheet" },
    h("div", { class: "tools" }, phusong.weights.controls(), phusong.filters.controls(),
      h("div", { class: "actions" }, this.count, phusong.filters.clearing,
        action(word.copy_csv, "ranking-copy", () => this.copy()), action(word.download_csv, "ranking-save", () => this.save()), this.wide),
      this.note),
    h("table", { class: "ranking" }, h("thead", null, this.head), this.body), this.empty));
  this.body.addEventListener("keydown", (event) => this.key(event));
  this.show();
};

// Another table begins at its first rank.
phusong.ranking.startOver = function (view) {
  this.view = view;
  this.column = "rank";
  this.descending = false;
  this.show();
  phusong.permalink.write();
};

// The columns of the table; criteria that weigh stand last among those of zones.
phusong.ranking.columns = function () {
  const columns = phusong.RANKING_COLUMNS[this.view];
  return this.view === "plan" ? columns : [...columns, ...this.criteria()];
};

phusong.ranking.criteria = function () {
  const { weights } = phusong;
  return weights.criteria.filter((criterion, i) => criterion.weight > 0 || weights.own[i] > 0).map((criterion) => ({
    key: "criterion_" + criterion.name, label: weights.label(criterion), large: criterion.benefit,
    decimals: { km2: 2, "0 to 1": 2 }[criterion.unit] || 0, value: (z) => z.ranked[criterion.column],
  }));
};

phusong.ranking.ofZones = () => phusong.ranking.view !== "plan";

phusong.ranking.heading = ({ label, word, key }) => label || phusong.word[word || key] || key;

phusong.ranking.all = function () {
  const { weights } = phusong;
  return { plan: phusong.candidates, zones: weights.zones, own: weights.ordered }[this.view];
};

// Draw the table anew: its heads, the rows that pass the filters, and how many they are.
phusong.ranking.show = function () {
  const { h, word } = phusong;
  const columns = this.columns();
  this.head.replaceChildren(...columns.map((column) => h("th", { scope: "col", class: column.key },
    h("button", { type: "button", title: word["note_" + (column.note || column.key)], onclick: () => this.sortBy(column) }, this.heading(column)))));
  phusong.filters.fit();
  const all = this.all();
  this.shown = this.sorted(all.filter((row) => phusong.filters.passes(row)));
  this.rows = new Map(this.shown.map((record) => [record, this.row(record, columns)]));
  this.body.replaceChildren(...this.rows.values());
  this.markSorted();
  this.count.textContent = phusong.fill(word.rows_of, { shown: phusong.number(this.shown.length), total: phusong.number(all.length) });
  this.empty.textContent = all.length ? word[this.ofZones() ? "no_zones_left" : "no_rows_left"] : word.no_stations;
  this.empty.hidden = this.shown.length > 0;
  this.note.hidden = this.ofZones() || !this.shown.length;
  phusong.filters.clearing.hidden = !phusong.filters.active();
  this.mark(false);
};

phusong.ranking.row = function (record, columns) {
  const { h, word } = phusong;
  const rank = columns[0].value(record);
  const written = (column) => (column.cell ? column.cell(record) : phusong.number(column.value(record), column.decimals || 0));
  return h("tr", { tabindex: -1, "data-rank": rank, title: word[record.kind] || phusong.tierTitle(record.ranked.tier), onclick: () => this.choose(record) },
    columns.map((column) => h("td", { class: column.key }, written(column))));
};

phusong.ranking.choose = function (record) {
  phusong.tabs.closeSheet();
  phusong.select(this.ofZones() ? "zone" : "candidate", record, { zoom: true });
};

// Enter opens a row; arrows, Home and End go through the rows, which are one stop of the tab key.
phusong.ranking.key = function (event) {
  const rows = [...this.rows.values()];
  const at = rows.indexOf(event.target);
  if (at < 0) return;
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
  if (event.key === "Enter" || event.key === " ") this.choose(this.shown[at]);
  else if (to === undefined) return;
  else if (rows[to]) this.focusOn(rows[to]);
  event.preventDefault();
};

phusong.ranking.focusOn = function (row) {
  for (const other of this.rows.values()) other.tabIndex = other === row ? 0 : -1;
  row.focus();
};

phusong.ranking.sortBy = function (column) {
  this.descending = this.column === column.key ? !this.descending : Boolean(column.large);
  this.column = column.key;
  this.show();
  phusong.permalink.write();
  this.head.querySelector(`.${column.key} button`).focus();
};

// Rows without a value stand last, whichever way the others are sorted.
phusong.ranking.sorted = function (rows) {
  const [first] = this.columns();
  const column = this.columns().find((c) => c.key === this.column);
  const sign = this.descending ? -1 : 1;
  const missing = (value) => value === null || value === undefined;
  const order = (value, a, b) => {
    const [x, y] = [value(a), value(b)];
    if (missing(x) || missing(y)) return missing(x) - missing(y);
    return sign * (column.text ? x.localeCompare(y, "vi") : x - y);
  };
  return [...rows].sort((a, b) => order(column.value, a, b) || first.value(a) - first.value(b));
};

phusong.ranking.markSorted = function () {
  this.columns().forEach((column, i) => {
    const order = this.descending ? "descending" : "ascending";
    this.head.children[i].setAttribute("aria-sort", column.key === this.column ? order : "none");
  });
};

// Mark the row of the chosen station; it, or else the first, is where the tab key stops.
phusong.ranking.mark = function (scroll = true) {
  const chosen = phusong.state.selected;
  const rows = [...this.rows.entries()];
  const found = rows.find(([record]) => chosen && chosen.record === record);
  for (const [record, row] of rows) {
    row.classList.toggle("chosen", Boolean(found) && found[0] === record);
    row.tabIndex = -1;
  }
  const stop = found || rows[0];
  if (stop) stop[1].tabIndex = 0;
  if (scroll && found) this.bringIntoView(found[1]);
};

// Scroll up or down only: the table may be wider than its page.
phusong.ranking.bringIntoView = function (row) {
  const page = document.getElementById("page-ranking");
  if (page.hidden) return;
  const [shown, own] = [page.getBoundingClientRect(), row.getBoundingClientRect()];
  const top = shown.top + this.head.offsetHeight;
  if (own.top < top) page.scrollTop -= top - own.top;
  else if (own.bottom > shown.bottom) page.scrollTop += own.bottom - shown.bottom;
};

phusong.ranking.csv = function () {
  return phusong.sheet.text(this.shown, this.columns(), this.ofZones() ? "zones" : "stations");
};

phusong.ranking.copy = function () {
  const done = phusong.fill(phusong.word.rows_copied, { count: phusong.number(this.shown.length) });
  return phusong.copy(this.csv(), done);
};

phusong.ranking.save = function () {
  const { name } = phusong.data.record.scenario;
  phusong.sheet.save(this.csv(), `${name}_${{ plan: "ranking", zones: "zones", own: "weights" }[this.view]}.csv`);
};

// Give the table the width that all its columns need, or take it back.
phusong.ranking.widen = function () {
  const bounds = phusong.map.getBounds();
  const wide = document.documentElement.classList.toggle("wide");
  this.nameWide(wide);
  phusong.map.invalidateSize({ animate: false });
  phusong.map.fitBounds(bounds, { animate: false }); // what was in view stays in view
  if (wide && phusong.map.getSize().x < 700) phusong.legend.fold();
};

phusong.ranking.nameWide = function (wide) {
  const label = phusong.word[wide ? "narrow_table" : "wide_table"];
  for (const name of ["title", "aria-label"]) this.wide.setAttribute(name, label);
};
