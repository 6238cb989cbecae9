"use strict";
// Search for a commune, district, site, proposed station or zone, with or without diacritics.
phusong.search = { active: -1, found: [] };
phusong.SEARCH_SHOWN = 9;

phusong.search.start = function () {
  const { word } = phusong;
  const entry = (kind, record, name, detail, weight, short = name) => ({
    kind, record, name, detail, weight, plain: phusong.plainLetters(name),
    short: phusong.plainLetters(phusong.shortName(short)),
  });
  this.entries = [
    ...phusong.districts.map((d) => entry("district", d, d.name, word.district, 4)),
    ...phusong.communes.map((c) => entry("commune", c, c.full_name, phusong.districtName(c.district_code), 3, c.name)),
    ...phusong.zones.map((z) => entry("zone", z, z.name, `${z.zone_id} · ${word["zone_" + z.kind] || ""}`, 2)),
    ...phusong.zones.map((z) => entry("zone", z, z.zone_id, z.name, 0)),
    ...phusong.candidates.map((c) => entry("candidate", c, c.site_id, phusong.fill(word.rank_of, { rank: c.rank, total: phusong.candidates.length }), 1)),
    ...phusong.places.filter((p) => !p.station).map((p) => entry("compared", p, p.site_id, `${word.compared_place} · ${phusong.communeName(p.commune_code)}`, -1)),
    ...phusong.sites.map((s) => entry("site", s, s.site_id, `${s.operator} · ${phusong.communeName(s.commune_code)}`, 0)),
    ...phusong.communes.map((c) => entry("commune", c, c.commune_code, c.full_name, 0)),
  ];
  this.input = document.getElementById("search");
  this.list = document.getElementById("search-results");
  this.input.addEventListener("input", () => this.update());
  this.input.addEventListener("keydown", (event) => this.key(event));
  this.input.addEventListener("focus", () => { if (this.input.value) this.update(); });
  document.addEventListener("pointerdown", (event) => {
    if (!event.target.closest(".search")) this.close();
  });
};

phusong.search.find = function (text) {
  const wanted = phusong.plainLetters(text).trim();
  if (!wanted) return [];
  const scored = [];
  for (const entry of this.entries) {
    let score = -1;
    if (entry.short === wanted || entry.plain === wanted) score = 40;
    else if (entry.short.startsWith(wanted) || entry.plain.startsWith(wanted)) score = 30;
    else if (entry.plain.includes(" " + wanted)) score = 20;
    else if (entry.plain.includes(wanted)) score = 10;
    if (score > 0) scored.push([score + entry.weight, entry]);
  }
  scored.sort((a, b) => b[0] - a[0] || a[1].name.localeCompare(b[1].name, phusong.locale));
  return scored.slice(0, phusong.SEARCH_SHOWN).map(([, entry]) => entry);
};

phusong.search.update = function () {
  const { h, word } = phusong;
  this.found = this.find(this.input.value);
  this.active = this.found.length ? 0 : -1;
  const none = this.input.value.trim() ? [h("li", { class: "none", role: "status" }, word.search_none)] : [];
  this.list.replaceChildren(...(this.found.length ? this.found.map((entry, i) => h("li", {
    role: "option", id: "search-result-" + i, "aria-selected": String(i === this.active),
    onpointerdown: (event) => { event.preventDefault(); this.choose(i); },
  }, h("span", { class: "mark " + entry.kind, "aria-hidden": "true" }), h("b", null, entry.name), h("small", null, entry.detail))) : none));
  this.list.hidden = !this.list.children.length;
  this.input.setAttribute("aria-expanded", String(!this.list.hidden));
  this.point();
};

phusong.search.point = function () {
  [...this.list.querySelectorAll("[role=option]")].forEach((item, i) => {
    item.setAttribute("aria-selected", String(i === this.active));
    if (i === this.active) item.scrollIntoView({ block: "nearest" });
  });
  if (this.active < 0) this.input.removeAttribute("aria-activedescendant");
  else this.input.setAttribute("aria-activedescendant", "search-result-" + this.active);
};

phusong.search.key = function (event) {
  const count = this.found.length;
  if (event.key === "Escape") {
    this.close();
    event.stopPropagation();
  } else if (event.key === "Enter" && this.active >= 0 && !this.list.hidden) {
    event.preventDefault();
    this.choose(this.active);
  } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && count) {
    event.preventDefault();
    this.active = (this.active + (event.key === "ArrowDown" ? 1 : count - 1)) % count;
    this.point();
  }
};

phusong.search.choose = function (index) {
  const { kind, record, name } = this.found[index];
  this.input.value = name;
  this.close();
  phusong.tabs.closeSheet();
  phusong.select(kind, record, { zoom: true });
};

phusong.search.close = function () {
  this.list.hidden = true;
  this.input.setAttribute("aria-expanded", "false");
  this.input.removeAttribute("aria-activedescendant");
};
