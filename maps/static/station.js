"use strict";
// Cards of a proposed station and of an existing BTS.
phusong.card.candidate = function (candidate) {
  const { h, word } = phusong;
  return {
    eyebrow: phusong.fill(word.rank_of, { rank: phusong.number(candidate.rank), total: phusong.number(phusong.candidates.length) }),
    badge: h("i", { class: "badge " + candidate.kind, style: phusong.yearStyle(candidate.year) }, h("b", null, String(candidate.rank))),
    title: candidate.site_id,
    subtitle: `${word[candidate.kind] || candidate.kind} · ${candidate.year}`,
    content: [
      candidate.reason ? h("p", { class: "reason" }, candidate.reason) : null,
      phusong.sketch.inCard(candidate.site_id),
      this.section(word.adds, this.facts(this.added(candidate))),
      this.section(word.costs, this.facts(this.costs(candidate))),
      this.section(word.station, this.facts(this.where(candidate))),
      this.siteList(word.site_list, phusong.sites.filter((s) => s.position_id && s.position_id === candidate.position_id)),
      this.certainty(candidate),
      this.linkBudget(candidate),
    ],
    footer: this.steps(candidate),
  };
};

// What a station covers that no station before it does.
phusong.card.added = function (candidate) {
  const { word } = phusong;
  const gain = (key, unit, decimals = 0) => (candidate[key] ? phusong.unit(candidate[key], decimals, unit) : null);
  return [
    [word.people_gained, phusong.unit(candidate.people_gained, 0, "people")],
    [word.workers_gained, gain("workers_gained", "people")],
    [word.visitors_gained, gain("visitors_gained", "people")],
    [word.zone_demand_gained, gain("zone_demand_gained", "people")],
    [word.area_gained, gain("area_gained_km2", "km2", 2)],
    [word.road_gained, gain("road_gained_km", "km", 1)],
    [word.speed_gained, gain("throughput_gained_mbps", "mbps")],
    [word.gain_per_billion, `${phusong.number(candidate.gain_per_billion)} ${word.gain_unit}`],
    [word.asked_by, candidate.tier ? phusong.tierTitle(candidate.tier) : word.asked_by_quota],
  ];
};

phusong.card.costs = function (candidate) {
  const { word } = phusong;
  const money = (value) => (value ? phusong.money(value) : null);
  return [
    [word.station_cost, phusong.money(candidate.cost_million)],
    [word.backhaul_cost, money(candidate.backhaul_million)],
    [word.opex, money(candidate.opex_million_per_year)],
    [word.backhaul_short, this.linksOf(candidate)],
  ];
};

phusong.card.where = function (station) {
  const { word } = phusong;
  return [
    [word.place, this.communeLink(station.commune_code)],
    [word.zone, station.zone_id ? this.zoneLink(station.zone_id) : null],
    [word.operator, station.operator || null],
    [word.position, station.position_id],
    [word.height, phusong.unit(station.height_m, 0, "m")],
    [word.mast_class, station.mast_class],
    [word.azimuths, this.azimuths(station.azimuths_deg)],
  ];
};

phusong.card.azimuths = (written) => (written ? String(written).split("/").map((a) => a + "°").join(", ") : phusong.word.omni);

// How stable a station is, in words.
phusong.card.certainty = function (candidate) {
  const { h, word } = phusong;
  const { choice } = phusong.data.record;
  const probability = candidate.probability_top_n;
  if (!choice || !choice.draws || probability === null || !candidate.stability) return null;
  const text = phusong.fill(word.certainty_text, {
    draws: phusong.number(choice.draws), probability: phusong.percent(probability, 0),
    nearby: phusong.percent(candidate.probability_nearby, 0),
    stability: candidate.stability,
  });
  return this.section(word.certainty, h("p", null, h("b", null, word[this.likely(candidate)] + ". "), text),
    h("p", { class: "soft" }, word.classes_note));
};

phusong.card.SURE = 0.8;
phusong.card.likely = function ({ probability_top_n: built, probability_nearby: nearby }) {
  if (built >= this.SURE) return "likely_high";
  if (nearby >= this.SURE) return "likely_nearby";
  return built >= 0.5 ? "likely_medium" : "likely_low";
};

// The budget that run.json holds for the network of a station: nothing is computed here.
phusong.card.linkBudget = function (candidate) {
  const { h, word } = phusong;
  const budget = (phusong.data.record.link_budgets || []).find((one) => one.operator === candidate.operator);
  if (!budget) return null;
  const [dbm, db] = ["dbm", "db"].map((unit) => (value) => phusong.unit(value, 1, unit));
  const sent = budget.transmitter;
  const parts = sent ? [
    [word.budget_power, dbm(sent.power_dbm)],
    [word.budget_gain, "+ " + phusong.unit(sent.antenna_gain_dbi, 1, "dbi")],
    [word.budget_feeder, "− " + db(sent.feeder_loss_db)],
    [word.budget_share, "− " + db(sent.resource_element_share_db)],
  ] : [];
  const table = this.facts([
    [word.frequency, phusong.unit(budget.frequency_mhz, 0, "mhz")],
    ...parts,
    [word.budget_eirp, h("b", null, "= " + dbm(budget.eirp_per_re_dbm))],
    [word.method_threshold, dbm(budget.threshold_dbm)],
    [word.method_entry_loss, "+ " + db(budget.entry_loss_db)],
    [`${word.method_margin} (${phusong.percent(budget.probability, 0)}, σ ${db(budget.shadowing_sigma_db)})`, "+ " + db(budget.margin_db)],
    [word.method_required, h("b", null, "= " + dbm(budget.required_dbm))],
    [word.budget_loss, h("b", null, db(budget.max_loss_db))],
    [word.budget_noise, dbm(budget.noise_per_re_dbm)],
    [word.budget_snr, db(budget.snr_at_threshold_db)],
  ]);
  return this.folded(phusong.fill(word.link_budget, { layer: budget.layer }), table);
};

// The stations before and after in rank.
phusong.card.steps = function (candidate) {
  const { h, word } = phusong;
  const place = phusong.candidates.indexOf(candidate);
  const step = (label, other, mark) => h("button", {
    type: "button", class: "step", disabled: !other, "aria-label": label, title: label,
    onclick: () => phusong.select("candidate", other, { zoom: true }),
  }, mark);
  return h("footer", null, step(word.previous, phusong.candidates[place - 1], "←"), step(word.next, phusong.candidates[place + 1], "→"));
};

phusong.card.site = function (site) {
  const { h, word, data } = phusong;
  const others = site.mast.filter((other) => other !== site);
  const planned = phusong.candidates.find((c) => c.position_id && c.position_id === site.position_id);
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
      [word.azimuths, this.azimuths(site.azimuths_deg)],
      [word.shared_with, others.length ? others.map((s) => s.operator).join(", ") : null],
      [word.candidate, planned ? this.link(phusong.stationName(planned), () => phusong.select("candidate", planned, { zoom: true })) : null],
    ])],
  };
};
