"use strict";
// The legend: what is on the map now, and nothing else.
phusong.legend = {};

phusong.legend.show = function () {
  const { h, word, state } = phusong;
  const parts = [...this.themes(), this.plan(), this.links(), this.places(), this.network(), this.areas(), this.water()].filter(Boolean);
  const legend = document.getElementById("legend");
  const open = state.legendOpen;
  legend.classList.toggle("folded", !open);
  legend.replaceChildren(
    h("button", {
      type: "button", class: "fold", "aria-expanded": String(open),
      onclick: () => { state.legendOpen = !open; this.show(); legend.querySelector(".fold").focus(); },
    }, h("span", null, word.legend), h("i", { "aria-hidden": "true" }, open ? "–" : "+")),
    open ? h("div", { class: "content" }, parts) : "",
  );
};

phusong.legend.fold = function () {
  phusong.state.legendOpen = false;
  this.show();
};

// A card and the legend share the right edge: the legend folds while a card is open.
phusong.legend.makeRoom = function (cardOpens) {
  const { state } = phusong;
  if (phusong.isCoarse()) return;
  if (cardOpens) {
    this.wasOpen = state.legendOpen;
    state.legendOpen = false;
  } else {
    state.legendOpen = state.legendOpen || this.wasOpen;
  }
  this.show();
};

// The theme, or the themes to both sides of the divider.
phusong.legend.themes = function () {
  const { h, word, state } = phusong;
  if (!state.left) return [this.theme(state.surface)];
  return [["swipe_left", state.left], ["swipe_right", state.surface]].map(([side, name]) => h("div", { class: "of-side" },
    h("p", { class: "side-name" }, word[side]), this.theme(name) || h("h3", null, word.surface_none)));
};

phusong.legend.theme = function (name) {
  const { h, word, state, data } = phusong;
  if (name === "none") return null;
  if (phusong.themes.isServed(name)) return this.served(name);
  if (phusong.themes.is(name, "years")) return this.growth(name);
  if (phusong.themes.is(name, "servers")) return h("section", null, h("h3", null, word[name]), this.servers(), this.note(name));
  const known = phusong.themes.isLevel(name) && state.palette === "operator";
  const palette = known ? data.palettes.operator : phusong.themes.palette(name);
  const unit = palette.unit ? ` (${word[palette.unit]})` : "";
  const percent = phusong.themes.shades(name);
  return h("section", null,
    h("h3", null, this.title(name) + unit),
    this.steps(palette, percent ? (v) => phusong.number(100 * v) + "%" : (v) => phusong.number(v), this.threshold(name)),
    this.note(name));
};

phusong.legend.title = function (name) {
  const { word } = phusong;
  const { step } = phusong.state;
  if (phusong.themes.shades(name) && phusong.themes.grows(name) && step < phusong.years.last()) {
    return step === 0 ? word.legend_communes_before : phusong.fill(word.legend_communes_year, { year: phusong.years.year(step) });
  }
  return phusong.themes.is(name, "classes") ? phusong.themes.title(name) : word["legend_" + name] || word[name];
};

// Who is served where people live: each class with its share of the residents, the surest first.
phusong.legend.served = function (name) {
  const { h, word } = phusong;
  const classes = phusong.themes.servedWords(name);
  const rows = phusong.themes.is(name, "sure") ? this.sureOrNot(classes) : classes;
  return h("section", { class: "served" }, h("h3", null, word["legend_" + name] || `${phusong.themes.group(name)}: ${word[name]}`),
    h("p", { class: "of" }, phusong.themes.of(name).steps.length ? phusong.years.title(phusong.themes.stepShown(name)) : "", h("span", null, word.served_residents)),
    h("ul", null, rows.toReversed().map(([colour, text, residents]) => h("li", null,
      h("i", { class: "patch", style: `background:${colour}` }), h("span", null, text),
      residents === undefined ? null : h("b", null, phusong.percent(residents))))),
    h("p", { class: "note" }, word.served_note),
    phusong.state.step < phusong.years.last() && this.isOfPlan(name) ? h("p", { class: "note" }, word.end_of_plan) : null);
};

// Two classes: as sure as asked for, and all others.
phusong.legend.sureOrNot = function (classes) {
  const sum = (list) => (list.some(([, , share]) => share === undefined) ? undefined : list.reduce((total, [, , share]) => total + share, 0));
  const place = classes.findIndex((_, index) => phusong.themes.isSure(index));
  const [others, sure] = [classes.slice(0, place), classes.slice(place)];
  return [[others[0][0], phusong.word.served_no, sum(others)], [sure.at(-1)[0], phusong.word.served_yes, sum(sure)]];
};

// What is covered before the plan and in each year up to the one shown.
phusong.legend.growth = function (name) {
  const { h, word, data } = phusong;
  const item = (colour, text) => this.item(h("i", { class: "patch", style: `background:${colour}` }), text);
  const { colours } = phusong.themes.palette(name);
  const shown = phusong.years.list().slice(0, phusong.themes.step(name));
  return h("section", null, h("h3", null, word[name]),
    h("ul", { class: "row" }, item(colours[1], word.gain_before),
      shown.map(({ year }, i) => item(colours[i + 2], phusong.fill(word.covered_in, { year })))),
    h("p", { class: "note" }, phusong.fill(word.threshold_note, this.serviceWords(data.record.service))));
};

phusong.legend.servers = function () {
  const { h, data } = phusong;
  const every = data.colours.servers.map((colour) => h("i", { class: "patch", style: `background:${colour}` }));
  return h("div", { class: "servers", "aria-hidden": "true" }, every);
};

// Steps of colour with the thresholds written under their borders.
phusong.legend.steps = function (palette, written, threshold = null) {
  const { h } = phusong;
  const drawn = palette.colours.map((colour, i) => [colour, i]).filter(([colour]) => colour);
  const first = drawn[0][1];
  const ticks = palette.breaks.slice(first === 0 ? 0 : first - 1);
  const every = Math.ceil(ticks.length / 8);
  const lead = first === 0 ? 1 : 0;
  const mark = threshold === null ? null : h("i", {
    class: "threshold", style: `left:${(100 * (this.along(palette, threshold) - first)) / drawn.length}%`,
  });
  return h("div", { class: "steps" }, mark,
    h("div", { class: "colours", "aria-hidden": "true" }, drawn.map(([colour]) => h("i", { style: `background:${colour}` }))),
    h("div", { class: "ticks" }, ticks.map((value, i) => {
      if ((ticks.length - 1 - i) % every) return null;
      return h("span", { style: `left:${(100 * (i + lead)) / drawn.length}%` }, written(value));
    })));
};

// Where a value stands among the classes: class number plus the share of the way through it.
phusong.legend.along = function (palette, value) {
  const place = phusong.classOf(palette, value);
  const [low, high] = [palette.breaks[place - 1], palette.breaks[place]];
  if (low === undefined || high === undefined) return place + 0.5;
  return place + (value - low) / (high - low);
};

phusong.legend.threshold = (name) => (phusong.themes.of(name).needs_service ? phusong.data.record.service.required_dbm : null);

phusong.legend.note = function (name) {
  const { h, word, data } = phusong;
  const { service } = data.record;
  const note = (text) => h("p", { class: "note" }, text);
  const notes = [];
  const theme = phusong.themes.of(name);
  if (theme.needs_service) notes.push(note(phusong.fill(word.threshold_note, this.serviceWords(service))));
  if (phusong.themes.shades(name)) notes.push(note(`5G ${word[service.location]}, ${phusong.number(service.frequency_mhz)} MHz`));
  if (theme.note) notes.push(note(word[theme.note]));
  if (phusong.state.step < phusong.years.last() && this.isOfPlan(name)) notes.push(note(word.end_of_plan));
  return notes;
};

// Whether a theme shows the end of the plan whatever the year.
phusong.legend.isOfPlan = (name) => !["before", "today"].includes(phusong.themes.of(name).when) && !phusong.themes.grows(name);

phusong.legend.serviceWords = (service) => ({
  location: phusong.word[service.location],
  value: phusong.number(service.required_dbm, 1),
  probability: phusong.percent(service.probability, 0),
});

phusong.legend.item = (symbol, ...text) => phusong.h("li", null, symbol, phusong.h("span", null, ...text));

phusong.legend.plan = function () {
  const { h, word, state, data } = phusong;
  const years = Object.keys(data.colours.years).filter((year) => state.years.has(year)
    && phusong.years.built({ year: Number(year) }));
  if (!years.length) return null;
  const kinds = ["colocated", "new"].filter((kind) => phusong.candidates.some((c) => c.kind === kind));
  return h("section", null, h("h3", null, word.proposed_stations),
    h("ul", { class: "row" }, years.map((year) => this.item(this.station("colocated", data.colours.years[year]), year))),
    h("ul", { class: "row" }, kinds.map((kind) => this.item(this.station(kind, null), word[kind]))));
};

phusong.legend.station = function (kind, colour) {
  const paint = { fill: colour || "#fffdf7", stroke: colour ? phusong.edge(colour) : "#4a5963", "stroke-width": 1.2 };
  return kind === "new"
    ? phusong.svg(16, 16, ["path", { d: "M8 1 15 8 8 15 1 8Z", ...paint }])
    : phusong.svg(16, 16, ["circle", { cx: 8, cy: 8, r: 6, ...paint }]);
};

phusong.legend.network = function () {
  const { h, word, state, data } = phusong;
  const operators = Object.entries(data.colours.operators).filter(([name]) => state.operators.has(name));
  const live = state.show.has("live_5g") && phusong.sites.some((site) => site.live5g);
  if (!operators.length && !live) return null;
  const some = phusong.TECHNOLOGIES.filter((name) => state.technologies.has(name));
  const part = operators.length && some.length < phusong.TECHNOLOGIES.length
    ? h("p", { class: "note" }, phusong.fill(word.only_technologies, { technologies: some.join(", ") || "–" })) : null;
  const dot = (colour) => phusong.svg(16, 16, ["circle", { cx: 8, cy: 8, r: 4.2, fill: colour, stroke: "#fff" }]);
  return h("section", null, h("h3", null, word.group_network),
    operators.length ? h("ul", { class: "row" }, operators.map(([name, colour]) => this.item(dot(colour), name))) : null,
    part,
    live ? h("ul", null, this.item(this.star(), word.live_5g)) : null,
    phusong.sites.length > phusong.network.BUSY ? h("ul", null, this.item(this.count(), word.circle_of_sites)) : null);
};

phusong.legend.count = () => phusong.svg(16, 16, ["circle", { cx: 8, cy: 8, r: 6.5, fill: "#fffdf7", stroke: "#4a5963", "stroke-width": 1.5 }]);

phusong.legend.star = function () {
  const points = [];
  for (let i = 0; i < 10; i += 1) {
    const length = i % 2 ? 3.1 : 6.9;
    const turn = (Math.PI * i) / 5 - Math.PI / 2;
    points.push(`${(8 + length * Math.cos(turn)).toFixed(2)},${(8.4 + length * Math.sin(turn)).toFixed(2)}`);
  }
  return phusong.svg(16, 16, ["polygon", { points: points.join(" "), fill: phusong.data.colours.live_5g }]);
};

phusong.legend.water = function () {
  const { h, word, state, data } = phusong;
  if (!data.base.water || !state.show.has("relief")) return null;
  return h("section", null, h("ul", null, this.item(h("i", { class: "patch", style: `background:${data.colours.water}` }), word.water)));
};

phusong.legend.areas = function () {
  const { h, word, state, data } = phusong;
  const kinds = Object.keys(data.colours.zones).filter((kind) => state.zones.has(kind));
  const items = kinds.map((kind) => this.item(
    h("i", { class: "patch", style: `background:${data.colours.zones[kind]}33;border:1.5px solid ${data.colours.zones[kind]}` }),
    word["zone_" + kind]));
  if (state.show.has("holes") && phusong.holes.length) {
    items.push(this.item(h("i", {
      class: "patch",
      style: `background:repeating-linear-gradient(135deg,${data.colours.hole}99 0 1px,transparent 1px 4px);border:1px solid ${data.colours.hole}`,
    }), word.holes));
  }
  return items.length ? h("section", null, h("h3", null, word.group_zones), h("ul", null, items)) : null;
};
