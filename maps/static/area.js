"use strict";
// Cards of areas, all of one shape: what is covered, figures, why, sites, proposed stations.
phusong.card.area = function ({ shares, why, facts, sites, stations, ranked = [], ...heading }) {
  const { h, word } = phusong;
  return {
    ...heading,
    content: [
      shares.map(([label, before, after, range]) => this.beforeAfter(phusong.serviceLabel(label), before, after, range)),
      why ? this.section(word.why, h("p", { class: "reason" }, why)) : null,
      this.facts(facts),
      ...ranked,
      this.operators(sites),
      this.siteList(word.site_list, sites),
      this.stations(stations),
    ],
  };
};

// A commune or a district.
phusong.card.unit = function (record, eyebrow, code, sites, stations) {
  const { word } = phusong;
  return this.area({
    eyebrow, title: record.full_name || record.name, subtitle: `${word.code} ${code}`, why: record.why, sites, stations,
    shares: [
      ["covered_people", record.covered_population_share_before, record.covered_population_share_after,
        this.range(record, "covered_population_share_after")],
      ["covered_area", record.covered_area_share_before, record.covered_area_share_after],
    ],
    facts: [
      [word.population, phusong.unit(record.population, 0, "people")],
      [word.area, phusong.unit(record.area_km2, 2, "km2")],
      [word.density, record.area_km2 ? phusong.unit(record.population / record.area_km2, 0, "per_km2") : null],
      [word.covered_4g, phusong.percent(record.covered_population_share_4g)],
      [word.sites, phusong.number(record.sites)],
      ...this.planned(stations),
      ...(record.formed ? [[phusong.data.later_units.formed, record.formed.map((c) => c.full_name).join(", ")]] : []),
    ],
  });
};

// What the stations proposed for an area are, and cost.
phusong.card.planned = function (stations) {
  const { word } = phusong;
  const cost = stations.reduce((sum, station) => sum + (station.cost_million || 0), 0);
  return [
    [word.proposed_stations, phusong.number(stations.length)],
    [word.cost_total, stations.length ? phusong.money(cost) : null],
  ];
};

phusong.card.commune = function (commune) {
  const here = (record) => (commune.codes ? commune.codes.has(record.commune_code) : record.commune_code === commune.commune_code);
  const eyebrow = commune.codes ? phusong.data.later_units.eyebrow : this.districtLink(commune.district_code);
  return this.unit(commune, eyebrow, commune.commune_code,
    phusong.sites.filter(here), phusong.candidates.filter(here));
};

phusong.card.district = function (district) {
  const codes = new Set(phusong.communes.filter((c) => c.district_code === district.district_code).map((c) => c.commune_code));
  const here = (record) => codes.has(record.commune_code);
  return this.unit(district, phusong.word.district, district.district_code,
    phusong.sites.filter(here), phusong.candidates.filter(here));
};

phusong.card.districtLink = function (code) {
  const district = phusong.districtByCode.get(code);
  return district ? this.link(district.name, () => phusong.select("district", district, { zoom: true })) : code || "–";
};

phusong.card.zone = function (zone) {
  const { word, data, h } = phusong;
  const sites = phusong.sites.filter((site) => phusong.holds(zone, ...site.world));
  const stations = phusong.candidates.filter((c) => c.zone_id === zone.zone_id);
  return this.area({
    eyebrow: word["zone_" + zone.kind] || word.zone,
    badge: h("i", { class: "dot large square", style: `background:${data.colours.zones[zone.kind]}` }),
    title: zone.name,
    subtitle: `${zone.zone_id} · ${word["status_" + zone.status] || zone.status || ""}`,
    why: zone.why, sites, stations, ranked: this.zoneRank(zone),
    shares: [["covered_demand", zone.covered_share_before, zone.covered_share_after, this.range(zone, "covered_share_after")]],
    facts: [
      [word.place, this.communeLink(zone.commune_code)],
      [word.area, zone.area_ha ? phusong.unit(zone.area_ha, 1, "ha") : null],
      [word.workers, zone.workers ? phusong.unit(zone.workers, 0, "people") : null],
      [word.visitors, zone.visitors ? phusong.unit(zone.visitors, 0, "people") : null],
      [word.sites_in_zone, phusong.number(sites.length)],
      ...this.planned(stations),
      [word.confidence, word["confidence_" + zone.confidence] || zone.confidence],
      [word.source, zone.source],
    ],
  });
};

// Rank and weight of a zone among those that the plan ranks, and what its score is made of.
phusong.card.zoneRank = function (zone) {
  const { h, word, weights } = phusong;
  if (!zone.ranked) return [];
  const { rank, rank_low: low, rank_high: high, weight, score, topsis, tier, explanation } = zone.ranked;
  return [
    this.section(word.zone_rank, this.facts([
      [word.plan_rank, phusong.fill(word.rank_of, { rank: phusong.number(rank), total: phusong.number(weights.zones.length) })],
      weights.on ? [word.own_rank, phusong.number(zone.own_rank)] : [],
      [word.rank_interval, low === high ? String(low) : `${low}–${high}`],
      [word.note_zone_first, phusong.percent(zone.ranked.probability_top_n, 0)],
      [word.tier, phusong.tierTitle(tier)],
      [word.zone_weight, phusong.number(weight, 2)],
      [word.score, phusong.number(score, 1)],
      [word.topsis, phusong.number(topsis, 1)],
    ]), explanation ? h("p", { class: "reason" }, explanation) : null),
    this.scoreParts(zone),
  ];
};

phusong.card.CRITERION_UNITS = {
  people: (value) => phusong.unit(value, 0, "people"),
  km2: (value) => phusong.unit(value, 2, "km2"),
  m: (value) => phusong.unit(value, 0, "m"),
  "million": (value) => phusong.money(value),
  "0 to 1": (value) => phusong.number(value, 2),
};

phusong.card.measured = function ({ unit }, value) {
  const write = this.CRITERION_UNITS[unit];
  return write ? write(value) : `${phusong.number(value, 2)} ${unit}`;
};

// The share of each criterion in the score of a zone, as bars, with its own value.
phusong.card.scoreParts = function (zone) {
  const { h, word, weights } = phusong;
  const used = weights.shared(weights.on ? weights.own : weights.planned());
  const parts = weights.parts(zone, used);
  const total = parts.reduce((sum, part) => sum + part, 0);
  const bars = weights.criteria.map((criterion, i) => {
    if (!used[i]) return null;
    const share = total > 0 ? parts[i] / total : 0;
    const value = this.measured(criterion, zone.ranked[criterion.column]);
    return h("div", { class: "part", title: criterion.meaning },
      h("span", { class: "name" }, weights.label(criterion), h("small", null, value)),
      h("span", { class: "track", "aria-hidden": "true" }, h("i", { style: `width:${(100 * share).toFixed(1)}%` })),
      h("span", { class: "amount" }, phusong.percent(share, 0)));
  });
  if (!bars.some(Boolean)) return null;
  const title = `${word.score_parts} (${phusong.number(total, 2)})`;
  return this.section(weights.on ? `${title} · ${word.order_own}` : title, bars);
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
