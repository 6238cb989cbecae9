"use strict";
// Which rows of the ranking are shown: by text, year, kind, district and kind of zone.
phusong.filters = { text: "", year: "", kind: "", district: "", zone: "" };

// What a row is found by, without diacritics.
phusong.filters.lettersOf = function (row) {
  const zone = phusong.zoneById.get(row.zone_id);
  const words = [row.site_id, row.position_id, row.operator, phusong.communeName(row.commune_code),
    phusong.districtName(row.district_code), row.zone_id, zone && zone.name];
  return phusong.plainLetters(words.filter(Boolean).join(" "));
};

phusong.zoneKind = (row) => (phusong.zoneById.get(row.zone_id) || { kind: "none" }).kind;

phusong.filters.passes = function (row) {
  row.letters = row.letters || this.lettersOf(row);
  return row.letters.includes(phusong.plainLetters(this.text).trim())
    && (!this.year || String(row.year) === this.year)
    && (!this.kind || row.kind === this.kind)
    && (!this.district || row.district_code === this.district)
    && (!this.zone || phusong.zoneKind(row) === this.zone);
};

// The choices that the rows offer, each [value, label].
phusong.filters.choices = function () {
  const { word } = phusong;
  const rows = [...phusong.candidates, ...phusong.places];
  const different = (value) => [...new Set(rows.map(value))];
  const years = different((row) => String(row.year)).sort();
  const districts = new Set(different((row) => row.district_code));
  return {
    year: ["all_years", years.map((year) => [year, year === "null" ? word.not_in_plan : year])],
    kind: ["all_kinds", different((row) => row.kind).map((kind) => [kind, word[kind] || kind])],
    district: ["all_districts", phusong.districts.filter((d) => districts.has(d.district_code)).map((d) => [d.district_code, d.name])],
    zone: ["all_zone_kinds", different(phusong.zoneKind).map((kind) => [kind, kind === "none" ? word.no_zone : word["kind_" + kind] || kind])],
  };
};

phusong.filters.controls = function () {
  const { h, word } = phusong;
  this.input = h("input", { type: "search", id: "ranking-text", placeholder: word.filter_text, "aria-label": word.filter_text, autocomplete: "off", spellcheck: "false" });
  this.input.addEventListener("input", () => this.set("text", this.input.value));
  const choices = Object.entries(this.choices()).filter(([, [, options]]) => options.length > 1);
  this.selects = choices.map(([name, [all, options]]) => {
    const select = h("select", { "data-filter": name, "aria-label": word[all] },
      h("option", { value: "" }, word[all]), options.map(([value, label]) => h("option", { value }, label)));
    select.addEventListener("change", () => this.set(name, select.value));
    return select;
  });
  this.clearing = h("button", { type: "button", class: "plain", id: "ranking-clear", hidden: true, onclick: () => this.clear() }, word.clear_filters);
  const folded = h("div", { class: "selects", id: "ranking-selects", hidden: true }, this.selects);
  const fold = h("button", {
    type: "button", class: "plain", "aria-expanded": "false", "aria-controls": folded.id,
    onclick: () => { fold.setAttribute("aria-expanded", String(folded.hidden)); folded.hidden = !folded.hidden; },
  }, word.filters);
  return h("div", { class: "filters" }, this.input, this.selects.length ? [fold, folded] : null);
};

phusong.filters.set = function (name, value) {
  this[name] = value;
  phusong.ranking.show();
};

phusong.filters.active = () => ["text", "year", "kind", "district", "zone"].some((name) => phusong.filters[name].trim());

phusong.filters.clear = function () {
  for (const name of ["text", "year", "kind", "district", "zone"]) this[name] = "";
  this.input.value = "";
  for (const select of this.selects) select.value = "";
  phusong.ranking.show();
  this.input.focus();
};
