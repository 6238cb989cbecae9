"use strict";
// What the figures rest on: data and its status, method, assumptions, checks, sources.
phusong.about = {};

phusong.about.start = function () {
  const { h, word, data } = phusong;
  const { record } = data;
  const page = document.getElementById("page-about");
  const list = (title, items) => (items && items.length
    ? h("section", null, h("h2", null, title), h("ul", null, items.map((item) => h("li", null, item)))) : "");
  page.append(
    h("p", { class: "lead" }, record.scenario.description),
    this.begins(record),
    this.payers(record.cost),
    this.layers(record.layers || {}),
    this.readings(record),
    this.method(record.service),
    list(word.about_assumptions, (record.assumptions || [])),
    this.checks(record.checks || []),
    list(word.about_notes, (record.notes || [])),
    h("section", null, h("h2", null, word.about_sources),
      h("p", null, phusong.fill(word.about_coordinates, { planning: phusong.data.planning.label })), h("p", null, word.about_legal),
      h("p", null, phusong.fill(word.about_software, {
        version: record.phusong, date: document.querySelector(".heading time").textContent,
      }))),
  );
};

// The 5G on air and the residents that the plan begins with.
phusong.about.begins = function ({ baseline, headline, province }) {
  const { h, word, fill, number } = phusong;
  if (!baseline) return "";
  const stations = number(baseline.stations);
  const residents = number(headline.population);
  const later = phusong.data.later_units;
  return h("section", { id: "about-begins" }, h("h2", null, word.begins_with), later ? h("p", null, later.note) : "", phusong.card.facts([
    [word.begins_5g, baseline.date ? fill(word.begins_dated, { count: stations, date: phusong.date(baseline.date) }) : fill(word.begins_undated, { count: stations })],
    [word.placement, word["placement_" + baseline.placement]],
    [word.begins_source, baseline.source],
    [word.begins_residents, province.population_year ? fill(word.begins_of_year, { count: residents, year: province.population_year }) : residents],
  ]));
};

// What figures mean that are often misread, and what would change them.
phusong.about.readings = function ({ choice, headline, service, summary }) {
  const { h, word, fill, number, percent } = phusong;
  const share = headline.sure_people_share_after;
  const told = (key, values) => h("li", null, fill(word[key], values));
  const quality = (summary && summary.quality) || [];
  const sure = summary && summary.stations_by_probability;
  const items = [
    share === undefined ? null : told("reading_sure_share", {
      share: percent(share), probability: percent(service.probability, 0), location: word[service.location], expected: percent(headline.people_share_after),
    }),
    ...quality.map((one) => told("reading_quality", {
      operator: one.operator || word.reading_network, count: number(one.districts), met: number(one.districts_complying),
      communes: number(one.communes), communes_met: number(one.communes_complying),
    })),
    sure ? told("reading_stations", {
      sure: number(sure.sure), stations: number(headline.stations), from: percent(sure.sure_from, 0), draws: number(choice.draws), nearby: number(sure.sure_nearby),
    }) : null,
    choice && choice.gap !== undefined && choice.gap !== null ? told("reading_gap", { gap: percent(choice.gap) }) : null,
  ].filter(Boolean);
  return items.length ? h("section", { id: "about-readings" }, h("h2", null, word.readings), h("ul", null, items)) : "";
};

// What each payer pays of the cost of building; nothing where one pays all.
phusong.about.payers = function (cost) {
  const { h, word } = phusong;
  const payers = (cost && cost.payers) || [];
  if (payers.length < 2 && (!payers.length || payers[0].payer === "operators")) return "";
  return h("section", { id: "about-payers" }, h("h2", null, word.payers), phusong.card.facts(payers.map(
    ({ payer, cost_million: million }) => [word["payer_" + payer] || payer, phusong.money(million)])));
};

phusong.about.layers = function (layers) {
  const { h, word } = phusong;
  return h("section", { id: "about-data" }, h("h2", null, word.about_data),
    h("ul", { class: "data" }, Object.entries(layers).map(([name, layer]) => h("li", null,
      h("span", { class: "status " + layer.status }, word["data_" + layer.status] || layer.status),
      h("b", null, word["layer_" + name] || name),
      h("small", null, [layer.source, layer.note, layer.licence && `${word.licence}: ${layer.licence}`].filter(Boolean).join(" · "))))));
};

phusong.about.method = function (service) {
  const { h, word } = phusong;
  if (!service.layer) return ""; // a prediction has many layers, each with its own
  const level = (value) => phusong.number(value, 1) + " dBm";
  return h("section", null, h("h2", null, word.about_method),
    h("p", null, phusong.fill(word.method_service, {
      layer: service.layer, frequency: phusong.number(service.frequency_mhz), location: word[service.location],
    })),
    phusong.card.facts([
      [word.method_threshold, level(service.threshold_dbm)],
      [word.method_entry_loss, service.location === "indoor" ? phusong.number(service.entry_loss_db, 1) + " dB" : null],
      [word.method_margin, phusong.number(service.margin_db, 1) + " dB"],
      [word.method_probability, phusong.percent(service.probability, 0)],
      [word.method_required, level(service.required_dbm)],
    ]));
};

phusong.about.checks = function (checks) {
  const { h, word } = phusong;
  if (!checks.length) return "";
  return h("section", null, h("h2", null, word.about_checks),
    h("ul", { class: "data" }, checks.map((check) => h("li", null,
      h("span", { class: "status " + (check.ok ? "given" : "approximate") }, check.ok ? word.check_ok : word.check_off),
      h("small", null, check.explanation)))));
};
