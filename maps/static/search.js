"use strict";
// Search for a commune, district, site, proposed station or zone, with or without diacritics.
phusong.search = { active: -1, found: [] };
phusong.SEARCH_SHOWN = 9;

// Words of the kinds of zones, as people search for them in either language.
phusong.search.kinds = (kind) => [...(phusong.word["search_" + kind] || "").split(","), phusong.word["zone_" + kind] || ""].map((text) => text.trim());

phusong.search.start = function () {
  const { word, data } = phusong;
  const entry = (kind, record, name, detail, weight, ...others) => ({
    kind, record, name, detail, weight, plain: phusong.plainLetters(name),
    others: others.flat().filter(Boolean).map(phusong.plainLetters),
  });
  const other = data.other_names || {};
  const commune = (c) => {
    const names = other[c.commune_code] || [];
    const unlike = names.filter((name) => !name.includes(phusong.shortName(c.name)));
    const detail = [phusong.districtName(c.district_code), unlike.length ? phusong.fill(word.also_called, { name: unlike[0] }) : null];
    return entry("commune", c, c.full_name, detail.filter((text) => text && text !== "–").join(" · "), 3, phusong.shortName(c.name), c.name, names, c.commune_code);
  };
  this.entries = [
    ...phusong.districts.map((d) => entry("district", d, d.name, word.district, 4, phusong.shortName(d.name), phusong.withKind(d.name), d.district_code)),
    ...phusong.communes.map(commune),
    ...phusong.zones.map((z) => entry("zone", z, z.name, `${z.zone_id} · ${word["zone_" + z.kind] || ""}`, 2,
      z.zone_id, this.kinds(z.kind).map((kind) => `${kind} ${z.name}`))),
    ...phusong.candidates.map((c) => entry("candidate", c, c.site_id, phusong.fill(word.rank_of, { rank: c.rank, total: phusong.candidates.length }), 1)),
    ...phusong.places.filter((p) => !p.station).map((p) => entry("compared", p, p.site_id, `${word.compared_place} · ${phusong.communeName(p.commune_code)}`, -1)),
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
    return { kind: "site", record: site, name: site.site_id, weight: 0, plain: phusong.plainLetters(site.site_id), others: [] };
  });
  return this.siteEntries;
};

phusong.search.find = function (text) {
  const wanted = phusong.plainLetters(text).trim();
  const best = [];
  if (!wanted) return best;
  const place = this.coordinates(text);
  if (place) return [place];
  for (const entries of [this.entries, this.sites()]) {
    for (const entry of entries) {
      const score = this.score(entry, wanted);
      if (score > 0) this.keep(best, score + entry.weight, entry);
    }
  }
  return best.map(([, entry]) => entry);
};

// How well an entry answers: by its name, by another name, or by each of the words begun somewhere.
phusong.search.score = function ({ plain, others }, wanted) {
  const names = [plain, ...others];
  const own = plain.startsWith(wanted) ? 2 : 0;
  if (names.includes(wanted)) return 40 + own;
  if (names.some((name) => name.startsWith(wanted))) return 30 + own;
  if (names.some((name) => name.includes(" " + wanted))) return 20;
  const words = wanted.split(" ");
  const every = names.join(" ");
  if (words.length > 1 && words.every((part) => (" " + every).includes(" " + part))) return 15;
  return names.some((name) => name.includes(wanted)) ? 10 : 0;
};

// A place by its coordinates: degrees north and east in either order, with decimals, or with minutes
// and seconds; or metres of the planning grid. Null where the text is no place near the province.
phusong.search.coordinates = function (text) {
  const pair = this.degrees(text) || this.metres(text);
  if (!pair) return null;
  const [lat, lng] = pair;
  const [west, south, east, north] = phusong.data.bounds;
  if (lat < south - 1 || lat > north + 1 || lng < west - 1 || lng > east + 1) return null;
  const name = `${lat.toFixed(5)}, ${lng.toFixed(5)}`;
  return { kind: "point", record: { lat, lng }, name, detail: phusong.word.point, weight: 0, plain: name, others: [] };
};

phusong.search.degrees = function (text) {
  const one = /([NSEWBĐ]?)\s*(-?\d{1,3}(?:[.,]\d+)?)\s*(?:°|º|độ)?\s*(?:(\d{1,2}(?:[.,]\d+)?)\s*['′’])?\s*(?:(\d{1,2}(?:[.,]\d+)?)\s*(?:"|″|”|''))?\s*([NSEWBĐ]?)/giu;
  // A comma between digits is a decimal mark where no point is; else it parts the two numbers.
  const clear = text.includes(".") || !/\d,\d.*[\s;].*\d,\d/.test(text) ? text.replaceAll(",", " , ") : text;
  const found = [...clear.matchAll(one)].map(([, before, whole, minutes, seconds, after]) => {
    const part = (written) => Number((written || "0").replace(",", "."));
    return { side: (before || after).toUpperCase(), value: part(whole) + part(minutes) / 60 + part(seconds) / 3600 };
  });
  const rest = clear.replace(one, "").replace(/[\s,;()]|lat|lon|lng/gi, "");
  if (found.length !== 2 || rest) return null;
  const [a, b] = found;
  const first = /[EWĐ]/.test(a.side) || /[NSB]/.test(b.side) || (!a.side && a.value > 90) || this.isEast(a, b) ? [b, a] : [a, b];
  return first.map(({ value }) => value);
};

// Whether two numbers without a side stand east first: by which order lies nearer to the province.
phusong.search.isEast = function (a, b) {
  if (a.side || b.side) return false;
  const [west, south] = phusong.data.bounds;
  return Math.hypot(a.value - west, b.value - south) < Math.hypot(a.value - south, b.value - west);
};

// Metres east and north on the planning grid, by Newton's method on the polynomial of the page.
phusong.search.metres = function (text) {
  const found = [...text.matchAll(/\d{6,7}(?:[.,]\d+)?/g)].map(([number]) => Number(number.replace(",", ".")));
  if (found.length !== 2) return null;
  const [east, north] = found.sort((a, b) => a - b);
  let [lng, lat] = phusong.data.planning.centre;
  for (let i = 0; i < 6; i += 1) {
    const [x, y] = phusong.point.planning({ lng, lat });
    const [xe, ye] = phusong.point.planning({ lng: lng + 1e-4, lat });
    const [xn, yn] = phusong.point.planning({ lng, lat: lat + 1e-4 });
    const [a, b, c, d] = [xe - x, xn - x, ye - y, yn - y];
    const [dx, dy, whole] = [east - x, north - y, a * d - b * c];
    lng += (1e-4 * (d * dx - b * dy)) / whole;
    lat += (1e-4 * (a * dy - c * dx)) / whole;
  }
  return [lat, lng];
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
  if (kind === "point") {
    phusong.map.setView([record.lat, record.lng], Math.max(phusong.map.getZoom(), 13), { animate: false });
    phusong.point.choose(record);
  } else phusong.select(kind, record, { zoom: true });
};

phusong.search.close = function () {
  this.list.hidden = true;
  this.input.setAttribute("aria-expanded", "false");
  this.input.removeAttribute("aria-activedescendant");
};
