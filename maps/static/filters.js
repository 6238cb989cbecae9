"use strict";
// Which rows of the ranking are shown: by text, and by what stations and zones are.
phusong.filters = { text: "", chosen: {} };

// Each: its words for "all", what a row has, and the label of that.
phusong.FILTERS = {
  stations: {
    year: ["all_years", (row) => row.year],
    kind: ["all_kinds", (row) => row.kind, (kind) => phusong.word[kind]],
    district: ["all_districts", (row) => row.district_code, (code) => phusong.districtName(code)],
    zone: ["all_zone_kinds", (row) => (phusong.zoneById.get(row.zone_id) || { kind: "none" }).kind,
      (kind) => (kind === "none" ? phusong.word.no_zone : phusong.word["kind_" + kind])],
  },
  zones: {
    zone_kind: ["all_zone_kinds", (row) => row.kind, (kind) => phusong.word["kind_" + kind]],
    tier: ["all_tiers", (row) => row.ranked.tier, (tier) => phusong.tierTitle(Number(tier))],
    zone_status: ["all_statuses", (row) => row.status, (status) => phusong.word["status_" + status]],
  },
};

// What a row is found by, without diacritics.
phusong.filters.lettersOf = function (row) {
  const zone = phusong.zoneById.get(row.zone_id);
  const commune = phusong.communeByCode.get(row.commune_code) || {};
  const words = [row.site_id, row.position_id, row.operator, phusong.communeName(row.commune_code),
    phusong.districtName(row.district_code || commune.district_code), row.zone_id, zone && zone.name];
  return phusong.plainLetters(words.filter(Boolean).join(" "));
};

phusong.filters.of = () => (phusong.ranking.ofZones() ? "zones" : "stations");

phusong.filters.passes = function (row) {
  row.letters = row.letters || this.lettersOf(row);
  return row.letters.includes(phusong.plainLetters(this.text).trim())
    && Object.entries(phusong.FILTERS[this.of()]).every(([name, [, value]]) => !this.chosen[name] || String(value(row)) === this.chosen[name]);
};

// The choices that rows offer, each [value, label], in the order of the labels.
phusong.filters.choices = function (rows, value, label = (text) => text) {
  const different = [...new Set(rows.map((row) => String(value(row))))];
  return different.map((text) => [text, label(text) || text]).sort(([, a], [, b]) => a.localeCompare(b, "vi", { numeric: true }));
};

phusong.filters.selectsOf = function (of, rows) {
  const { h, word } = phusong;
  return Object.entries(phusong.FILTERS[of]).flatMap(([name, [all, value, label]]) => {
    const options = this.choices(rows, value, label);
    if (options.length < 2) return [];
    const select = h("select", { "data-filter": name, "data-of": of, "aria-label": word[all] },
      h("option", { value: "" }, word[all]), options.map(([key, text]) => h("option", { value: key }, text)));
    select.addEventListener("change", () => this.set(name, select.value));
    return [select];
  });
};

phusong.filters.controls = function () {
  const { h, word } = phusong;
  this.input = h("input", { type: "search", id: "ranking-text", autocomplete: "off", spellcheck: "false" });
  this.input.addEventListener("input", () => this.set("text", this.input.value));
  this.selects = [...this.selectsOf("stations", phusong.candidates), ...this.selectsOf("zones", phusong.weights.zones)];
  this.clearing = h("button", { type: "button", class: "plain", id: "ranking-clear", hidden: true, onclick: () => this.clear() }, word.clear_filters);
  const folded = h("div", { class: "selects", id: "ranking-selects", hidden: true }, this.selects);
  const fold = h("button", {
    type: "button", class: "plain", "aria-expanded": "false", "aria-controls": folded.id,
    onclick: () => { fold.setAttribute("aria-expanded", String(folded.hidden)); folded.hidden = !folded.hidden; },
  }, word.filters);
  return h("div", { class: "filters" }, this.input, this.selects.length ? [fold, folded] : null);
};

// Show the choices of what the table lists.
phusong.filters.fit = function () {
  for (const select of this.selects) select.hidden = select.dataset.of !== this.of();
  const label = phusong.word[this.of() === "zones" ? "filter_zones" : "filter_text"];
  for (const name of ["placeholder", "aria-label"]) this.input.setAttribute(name, label);
};

phusong.filters.set = function (name, value) {
  if (name === "text") this.text = value;
  else this.chosen[name] = value;
  phusong.ranking.show();
  phusong.permalink.write();
};

// Take filters over from a link: a choice that the table does not offer is left out.
phusong.filters.take = function (text, chosen) {
  this.text = this.input.value = text;
  this.chosen = {};
  for (const select of this.selects) {
    const wanted = chosen[select.dataset.filter] || "";
    select.value = [...select.options].some((option) => option.value === wanted) ? wanted : "";
    if (select.value) this.chosen[select.dataset.filter] = select.value;
  }
  if (Object.keys(this.chosen).length) document.getElementById("ranking-selects").hidden = false;
  phusong.ranking.show();
};

phusong.filters.active = function () {
  return this.text.trim() || Object.keys(phusong.FILTERS[this.of()]).some((name) => this.chosen[name]);
};

phusong.filters.clear = function () {
  this.text = this.input.value = "";
  this.chosen = {};
  for (const select of this.selects) select.value = "";
  phusong.ranking.show();
  phusong.permalink.write();
  this.input.focus();
};
