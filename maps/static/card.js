"use strict";
// The card of one thing: a commune, district, zone, site, proposed station or coverage hole.
phusong.card = {};

// Choose a thing: draw it, show its card, and bring the map to it where asked.
phusong.select = function (kind, record, { zoom = false } = {}) {
  phusong.state.selected = { kind, record };
  phusong.symbols.redraw();
  phusong.card.show(kind, record);
  phusong.ranking.mark();
  if (zoom) phusong.goTo(kind, record);
};

phusong.deselect = function () {
  if (!phusong.state.selected) return;
  phusong.state.selected = null;
  phusong.symbols.redraw();
  phusong.ranking.mark();
  document.getElementById("card").hidden = true;
  phusong.legend.makeRoom(false);
  const back = phusong.card.cameFrom;
  if (back && document.contains(back)) back.focus({ preventScroll: true });
  phusong.card.cameFrom = null;
};

phusong.goTo = function (kind, record) {
  const { map } = phusong;
  const room = phusong.room();
  if (record.bounds) {
    const [west, south, east, north] = record.bounds;
    map.fitBounds([[south, west], [north, east]], room);
  } else if (record.box) {
    map.fitBounds(phusong.latLngBounds(record.box), { ...room, maxZoom: 14 });
  } else {
    const [lon, lat] = record.position;
    map.fitBounds([[lat, lon], [lat, lon]], { ...room, maxZoom: Math.max(map.getZoom(), 14) });
  }
};

// Space that cards cover, kept free when the map is brought to a thing.
phusong.room = function () {
  if (phusong.isCoarse()) {
    const card = document.getElementById("card");
    const covered = card.hidden ? 40 : Math.min(card.offsetHeight, window.innerHeight * 0.5) + 30;
    return { paddingTopLeft: [24, 24], paddingBottomRight: [24, covered] };
  }
  const covered = document.getElementById("card").hidden ? 40 : 360;
  return { paddingTopLeft: [40, 40], paddingBottomRight: [covered, 40] };
};

phusong.card.show = function (kind, record) {
  const { h, word } = phusong;
  const card = document.getElementById("card");
  const parts = phusong.card[kind](record);
  const close = h("button", {
    type: "button", class: "close", "aria-label": word.close, title: word.close,
    onclick: () => phusong.deselect(),
  }, "×");
  card.replaceChildren(
    h("header", null,
      h("div", null,
        h("p", { class: "eyebrow" }, parts.eyebrow),
        h("h2", null, parts.badge || null, h("span", null, parts.title)),
        parts.subtitle ? h("p", { class: "subtitle" }, parts.subtitle) : null),
      close),
    h("div", { class: "content" }, parts.content),
    parts.footer || "",
  );
  card.setAttribute("aria-label", `${parts.eyebrow} ${parts.title}`);
  if (card.hidden) {
    this.cameFrom = document.activeElement;
    phusong.legend.makeRoom(true);
  }
  card.hidden = false;
  card.scrollTop = 0;
};

phusong.card.facts = function (pairs) {
  const { h } = phusong;
  const rows = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "");
  if (!rows.length) return null;
  return h("dl", { class: "facts" }, rows.map(([label, value]) => h("div", null, h("dt", null, label), h("dd", null, value))));
};

// Two bars, before and after, of a share.
phusong.card.beforeAfter = function (label, before, after) {
  const { h, word } = phusong;
  const bar = (name, share, kind) => h("div", { class: "share" },
    h("span", { class: "when" }, name),
    h("span", { class: "track", "aria-hidden": "true" },
      h("i", { class: kind, style: `width:${(100 * (share || 0)).toFixed(2)}%` })),
    h("span", { class: "amount" }, phusong.percent(share)));
  return h("section", { class: "shares" }, h("h3", null, label),
    bar(word.before_short, before, "before"), bar(word.after_short, after, "after"));
};

phusong.card.link = function (text, action) {
  return phusong.h("button", { type: "button", class: "link", onclick: action }, text);
};

phusong.card.communeLink = function (code) {
  const commune = phusong.communeByCode.get(code);
  return commune
    ? this.link(commune.full_name, () => phusong.select("commune", commune, { zoom: true })) : code || "–";
};

phusong.card.zoneLink = function (id) {
  const zone = phusong.zoneById.get(id);
  return zone ? this.link(zone.name, () => phusong.select("zone", zone, { zoom: true })) : id;
};

phusong.card.interval = function (low, high) {
  if (low === null || high === null) return null;
  return low === high ? phusong.number(low) : `${phusong.number(low)}–${phusong.number(high)}`;
};

phusong.card.stations = function (candidates) {
  const { h, word } = phusong;
  if (!candidates.length) return null;
  return h("section", { class: "stations" },
    h("h3", null, `${word.planned_here} (${phusong.number(candidates.length)})`),
    h("div", { class: "chips" }, candidates.map((candidate) => h("button", {
      type: "button", class: "chip " + candidate.kind, style: phusong.yearStyle(candidate.year),
      title: `${candidate.site_id}, ${candidate.year}`,
      onclick: () => phusong.select("candidate", candidate, { zoom: true }),
    }, String(candidate.rank)))));
};

phusong.yearStyle = function (year) {
  const colour = phusong.data.colours.years[String(year)];
  return `background:${colour};color:${phusong.readable(colour)}`;
};

phusong.card.operators = function (sites) {
  const { h, word, data } = phusong;
  const counts = Object.keys(data.colours.operators)
    .map((name) => [name, sites.filter((site) => site.operator === name).length])
    .filter(([, count]) => count > 0);
  if (!counts.length) return null;
  return h("section", { class: "operators" }, h("h3", null, word.sites_by_operator),
    h("ul", null, counts.map(([name, count]) => h("li", null,
      h("i", { class: "dot", style: `background:${data.colours.operators[name]}` }),
      name, h("b", null, phusong.number(count))))));
};

phusong.card.place = function (record, eyebrow, subtitle, sites, stations) {
  const { word } = phusong;
  return {
    eyebrow, title: record.full_name || record.name, subtitle,
    content: [
      this.beforeAfter(phusong.serviceLabel("covered_people"), record.covered_population_share_before, record.covered_population_share_after),
      this.beforeAfter(phusong.serviceLabel("covered_area"), record.covered_area_share_before, record.covered_area_share_after),
      this.facts([
        [word.population, phusong.unit(record.population, 0, "people")],
        [word.area, phusong.unit(record.area_km2, 2, "km2")],
        [word.density, record.area_km2 ? phusong.unit(record.population / record.area_km2, 0, "per_km2") : null],
        [word.covered_4g, phusong.percent(record.covered_population_share_4g)],
        [word.sites, phusong.number(record.sites)],
      ]),
      this.operators(sites),
      this.stations(stations),
    ],
  };
};

phusong.serviceLabel = (key) => `${phusong.word[key]} ${phusong.word[phusong.data.record.service.location] || ""}`;

phusong.card.commune = function (commune) {
  const sites = phusong.sites.filter((site) => site.commune_code === commune.commune_code);
  const stations = phusong.candidates.filter((c) => c.commune_code === commune.commune_code);
  const subtitle = `${phusong.word.code} ${commune.commune_code}`;
  return this.place(commune, phusong.districtName(commune.district_code), subtitle, sites, stations);
};

phusong.card.district = function (district) {
  const codes = new Set(phusong.communes.filter((c) => c.district_code === district.district_code).map((c) => c.commune_code));
  const sites = phusong.sites.filter((site) => codes.has(site.commune_code));
  const stations = phusong.candidates.filter((c) => c.district_code === district.district_code);
  return this.place(district, phusong.word.district, `${phusong.word.code} ${district.district_code}`, sites, stations);
};

phusong.card.candidate = function (candidate) {
  const { h, word } = phusong;
  const gain = (key, unit, decimals = 0) => (candidate[key] ? phusong.unit(candidate[key], decimals, unit) : null);
  const place = phusong.candidates.indexOf(candidate);
  const step = (label, other, mark) => h("button", {
    type: "button", class: "step", disabled: !other, "aria-label": label, title: label,
    onclick: () => phusong.select("candidate", other, { zoom: true }),
  }, mark);
  return {
    eyebrow: phusong.fill(word.rank_of, { rank: phusong.number(candidate.rank), total: phusong.number(phusong.candidates.length) }),
    badge: h("i", { class: "badge " + candidate.kind, style: phusong.yearStyle(candidate.year) }, h("b", null, String(candidate.rank))),
    title: candidate.site_id,
    subtitle: `${word[candidate.kind] || candidate.kind} · ${candidate.year}`,
    content: [
      candidate.reason ? h("p", { class: "reason" }, candidate.reason) : null,
      this.facts([
        [word.people_gained, phusong.unit(candidate.people_gained, 0, "people")],
        [word.workers_gained, gain("workers_gained", "people")],
        [word.visitors_gained, gain("visitors_gained", "people")],
        [word.zone_demand_gained, gain("zone_demand_gained", "people")],
        [word.area_gained, gain("area_gained_km2", "km2", 2)],
        [word.station_cost, phusong.money(candidate.cost_million_vnd)],
        [word.score, phusong.number(candidate.score, 1)],
        [word.rank_interval, this.interval(candidate.rank_low, candidate.rank_high)],
      ]),
      this.facts([
        [word.place, this.communeLink(candidate.commune_code)],
        [word.zone, candidate.zone_id ? this.zoneLink(candidate.zone_id) : null],
        [word.position, candidate.position_id],
        [word.height, phusong.unit(candidate.height_m, 0, "m")],
        [word.mast_class, candidate.mast_class],
      ]),
    ],
    footer: h("footer", null, step(word.previous, phusong.candidates[place - 1], "←"), step(word.next, phusong.candidates[place + 1], "→")),
  };
};

phusong.card.site = function (site) {
  const { h, word, data } = phusong;
  const others = site.mast.filter((other) => other !== site);
  return {
    eyebrow: site.live5g ? word.live_5g : word.site,
    badge: h("i", { class: "dot large", style: `background:${data.colours.operators[site.operator]}` }),
    title: site.site_id,
    subtitle: `${site.operator} · ${site.technologies}`,
    content: [this.facts([
      [word.place, this.communeLink(site.commune_code)],
      [word.status, word["status_" + site.status] || site.status],
      [word.position, site.position_id],
      [word.height, phusong.unit(site.height_m, 0, "m")],
      [word.mast_class, site.mast_class],
      [word.azimuths, site.azimuths_deg ? site.azimuths_deg.split("/").map((a) => a + "°").join(", ") : word.omni],
      [word.shared_with, others.length ? others.map((s) => s.operator).join(", ") : null],
    ])],
  };
};

phusong.card.zone = function (zone) {
  const { word, data, h } = phusong;
  return {
    eyebrow: word["zone_" + zone.kind] || word.zone,
    badge: h("i", { class: "dot large square", style: `background:${data.colours.zones[zone.kind]}` }),
    title: zone.name,
    subtitle: `${zone.zone_id} · ${word["status_" + zone.status] || zone.status || ""}`,
    content: [
      this.beforeAfter(phusong.serviceLabel("covered_demand"), zone.covered_share_before, zone.covered_share_after),
      this.facts([
        [word.place, this.communeLink(zone.commune_code)],
        [word.area, zone.area_ha ? phusong.unit(zone.area_ha, 1, "ha") : null],
        [word.workers, zone.workers ? phusong.unit(zone.workers, 0, "people") : null],
        [word.visitors, zone.visitors ? phusong.unit(zone.visitors, 0, "people") : null],
        [word.confidence, word["confidence_" + zone.confidence] || zone.confidence],
        [word.source, zone.source],
      ]),
      this.stations(phusong.candidates.filter((c) => c.zone_id === zone.zone_id)),
    ],
  };
};

phusong.card.hole = function (hole) {
  const { word } = phusong;
  return {
    eyebrow: word.hole, title: phusong.communeName(hole.commune_code),
    subtitle: phusong.districtName(hole.district_code),
    content: [this.facts([
      [word.people_in_hole, phusong.unit(hole.people, 0, "people")],
      [word.area, phusong.unit(hole.area_km2, 2, "km2")],
      [word.cause, word["cause_" + hole.cause] || hole.cause],
      [word.place, this.communeLink(hole.commune_code)],
    ])],
  };
};
