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

// The identifiers of sites, made ready when something is first looked for.
phusong.search.sites = function () {
  this.siteEntries ??= phusong.sites.map((site) => {
    const plain = phusong.plainLetters(site.site_id);
    return { kind: "site", record: site, name: site.site_id, weight: 0, plain, short: plain };
  });
  return this.siteEntries;
};

phusong.search.find = function (text) {
  const wanted = phusong.plainLetters(text).trim();
  const best = [];
  if (!wanted) return best;
  for (const entries of [this.entries, this.sites()]) {
    for (const entry of entries) {
      const score = this.score(entry, wanted);
      if (score > 0) this.keep(best, score + entry.weight, entry);
    }
  }
  return best.map(([, entry]) => entry);
};

phusong.search.score = function ({ plain, short }, wanted) {
  if (short === wanted || plain === wanted) return 40;
  if (short.startsWith(wanted) || plain.startsWith(wanted)) return 30;
  if (plain.includes(" " + wanted)) return 20;
  return plain.includes(wanted) ? 10 : 0;
};

// Keep the best few in order: the higher score first, then by name.
phusong.search.keep = function (best, score, entry) {
  const behind = ([other, { plain }]) => score > other || (score === other && entry.plain < plain);
  if (best.length === phusong.SEARCH_SHOWN && !behind(best[best.length - 1])) return;
  const place = best.findIndex(behind);
  best.splice(place < 0 ? best.length : place, 0, [score, entry]);
  best.length = Math.min(best.length, phusong.SEARCH_SHOWN);
};

// What is said beside a name that was found.
phusong.search.detail = function ({ kind, record, detail }) {
  return kind === "site" ? `${record.operator} · ${phusong.communeName(record.commune_code)}` : detail;
};

phusong.search.update = function () {
  const { h, word } = phusong;
  this.found = this.find(this.input.value);
  this.active = this.found.length ? 0 : -1;
  const none = this.input.value.trim() ? [h("li", { class: "none", role: "status" }, word.search_none)] : [];
  this.list.replaceChildren(...(this.found.length ? this.found.map((entry, i) => h("li", {
    role: "option", id: "search-result-" + i, "aria-selected": String(i === this.active),
    onpointerdown: (event) => { event.preventDefault(); this.choose(i); },
  }, h("span", { class: "mark " + entry.kind, "aria-hidden": "true" }), h("b", null, entry.name), h("small", null, this.detail(entry)))) : none));
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
