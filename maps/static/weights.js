"use strict";
// Own weights of the criteria: every place scored anew, alone, by the same weighted sum.
phusong.weights = { on: false, own: [], criteria: [], first: 0, ordered: null };

phusong.weights.start = function () {
  const { choice, headline } = phusong.data.record;
  const { places } = phusong;
  this.criteria = (choice && choice.criteria) || [];
  this.usable = this.criteria.length > 0 && places.length > 0;
  this.first = Math.min(headline.stations || 10, places.length);
  this.on = false;
  for (const place of places) {
    place.normal = this.criteria.map((criterion) => this.normal(criterion, this.value(criterion, place)));
  }
  this.reset();
};

// What a criterion measures at a place; the kind counts as 1 on an existing mast.
phusong.weights.value = (criterion, place) => (criterion.column === "kind"
  ? Number(place.kind === "colocated") : place[criterion.column]);

phusong.weights.varies = ({ low, high }) => high - low > 1e-12 * Math.max(Math.abs(low), Math.abs(high));

// 0 for the worst of all places, 1 for the best (min-max); 0 where all are alike.
phusong.weights.normal = function (criterion, value) {
  const { low, high, benefit } = criterion;
  if (!this.varies(criterion)) return 0;
  return (benefit ? value - low : high - value) / (high - low);
};

// Weights that sum to 1; all 0 where nothing weighs.
phusong.weights.shared = function (weights) {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => (total > 0 ? weight / total : 0));
};

phusong.weights.planned = () => phusong.weights.criteria.map((criterion) => criterion.weight);

phusong.weights.reset = function () {
  this.own = this.planned();
  this.score();
};

// What each criterion adds to the weighted sum of a place, 0 to 100 in all.
phusong.weights.parts = (place, weights) => place.normal.map((value, i) => 100 * value * weights[i]);

// Scores that agree to a thousandth of a point stand in the plan's order.
phusong.weights.score = function () {
  const weights = this.shared(this.own);
  for (const place of phusong.places) {
    place.own_score = this.parts(place, weights).reduce((sum, part) => sum + part, 0);
  }
  const steps = (place) => Math.round(1000 * place.own_score);
  this.ordered = [...phusong.places].sort((a, b) => steps(b) - steps(a) || a.index - b.index);
  this.ordered.forEach((place, i) => { place.own_rank = i + 1; });
};

// All places, the best first.
phusong.weights.order = () => (phusong.weights.on ? phusong.weights.ordered : phusong.places);

phusong.weights.chosen = () => phusong.weights.ordered.slice(0, phusong.weights.first);

// The first places as markers: their rank is that of the own weights.
phusong.weights.markers = function () {
  return this.on ? this.chosen().map((place) => ({ ...place, rank: place.own_rank })) : [];
};

phusong.weights.switchTo = function (on) {
  this.on = on;
  phusong.names.key = null;
  this.panel.hidden = !on;
  phusong.refresh();
  phusong.ranking.startOver();
  if (phusong.state.selected) phusong.select(phusong.state.selected.kind, phusong.state.selected.record);
};

// Score again once per frame, however fast a slider moves.
phusong.weights.changed = function () {
  if (this.waiting) return;
  this.waiting = requestAnimationFrame(() => {
    this.waiting = null;
    this.score();
    this.tell();
    phusong.symbols.redraw();
    phusong.legend.show();
    phusong.ranking.show();
  });
};

// The switch between the plan's order and the own one, and the sliders.
phusong.weights.controls = function () {
  const { h, word } = phusong;
  if (!this.usable) return null;
  const pick = (on, label) => {
    const input = h("input", { type: "radio", name: "order", value: on ? "own" : "plan", checked: !on });
    input.addEventListener("change", () => this.switchTo(on));
    return h("label", null, input, h("span", null, label));
  };
  this.panel = this.sliders();
  this.panel.hidden = true;
  this.tell();
  return h("div", { class: "weights" },
    h("div", { class: "switch", role: "radiogroup", "aria-label": word.order }, pick(false, word.order_plan), pick(true, word.order_own)),
    this.panel);
};

phusong.weights.sliders = function () {
  const { h, word } = phusong;
  this.rows = this.criteria.map((criterion, i) => this.row(criterion, i))
    .filter((row, i) => this.varies(this.criteria[i]) || this.criteria[i].weight > 0);
  this.said = h("p", { class: "said", role: "status" });
  this.count = h("input", { type: "number", min: 1, max: phusong.places.length, value: this.first, id: "own-first" });
  this.count.addEventListener("input", () => {
    const wanted = Math.round(Number(this.count.value));
    if (!(wanted >= 1)) return;
    this.first = Math.min(wanted, phusong.places.length);
    this.changed();
  });
  const reset = h("button", { type: "button", class: "plain", id: "own-reset", onclick: () => { this.own = this.planned(); this.changed(); } }, word.own_reset);
  return h("div", { class: "own" },
    h("p", { class: "note" }, word.own_note),
    this.rows.map((row) => row.element),
    h("div", { class: "own-foot" }, h("label", null, h("span", null, word.own_first), this.count), reset),
    this.said);
};

phusong.weights.row = function (criterion, place) {
  const { h, word } = phusong;
  const label = this.label(criterion);
  const sense = word[criterion.benefit ? "more_is_better" : "less_is_better"];
  const slider = h("input", { type: "range", min: 0, max: 100, step: 1, "data-criterion": criterion.name, "aria-label": `${label}, ${sense}` });
  const amount = h("output", null);
  slider.addEventListener("input", () => {
    this.own[place] = Number(slider.value) / 100;
    this.changed();
  });
  const element = h("label", { class: "weight", title: `${criterion.meaning}: ${sense}` },
    h("span", { class: "name" }, label, h("i", { "aria-hidden": "true" }, criterion.benefit ? " ↑" : " ↓")), slider, amount);
  return { place, element, slider, amount };
};

phusong.weights.label = (criterion) => phusong.word["criterion_" + criterion.name] || criterion.meaning;

// Say the weights in effect, and how far the own order agrees with the plan.
phusong.weights.tell = function () {
  const { word } = phusong;
  const weights = this.shared(this.own);
  for (const { place, slider, amount } of this.rows) {
    slider.value = Math.round(100 * this.own[place]);
    amount.textContent = phusong.percent(weights[place], 0);
    slider.setAttribute("aria-valuetext", amount.textContent);
  }
  const chosen = this.chosen();
  const shared = phusong.fill(word.own_shared, {
    shared: phusong.number(chosen.filter((place) => place.station).length), first: phusong.number(chosen.length),
  });
  const same = this.own.every((weight, i) => weight === this.criteria[i].weight);
  const state = weights.some((weight) => weight > 0) ? (same ? word.own_same : "") : word.own_nothing;
  this.said.textContent = [shared, state].filter(Boolean).join(". ") + ".";
};

phusong.legend.own = function () {
  const { h, word } = phusong;
  const hollow = this.station("colocated", null);
  const filled = this.station("colocated", Object.values(phusong.data.colours.years)[0] || phusong.data.colours.ink);
  return h("section", null, h("h3", null, word.own_stations),
    h("ul", null, this.item(filled, word.own_in_plan), this.item(hollow, word.not_in_plan)));
};
