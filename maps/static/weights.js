"use strict";
// Own weights of the criteria: every zone scored anew by the same weighted sum.
phusong.weights = { on: false, own: [], criteria: [], zones: [], ordered: [] };

phusong.weights.TOP = 10; // zones that are held against the first of the plan

phusong.weights.start = function () {
  const { choice } = phusong.data.record;
  this.criteria = (choice && choice.zones && choice.zones.criteria) || [];
  this.zones = [];
  for (const ranked of phusong.unpacked(phusong.data.zones_ranking)) {
    const zone = phusong.zoneById.get(ranked.zone_id);
    if (!zone) continue;
    zone.ranked = ranked;
    zone.stations = phusong.candidates.filter((station) => station.zone_id === zone.zone_id).length;
    zone.normal = this.criteria.map((criterion) => this.normal(criterion, ranked[criterion.column]));
    this.zones.push(zone);
  }
  this.usable = this.criteria.length > 0 && this.zones.length > 0;
  this.on = false;
  this.reset();
};

phusong.weights.varies = ({ low, high }) => high - low > 1e-12 * Math.max(Math.abs(low), Math.abs(high));

// 0 for the worst of all zones, 1 for the best (min-max); 0 where all are alike.
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

// What each criterion adds to the weighted sum of a zone, 0 to 100 in all.
phusong.weights.parts = (zone, weights) => zone.normal.map((value, i) => 100 * value * weights[i]);

// Scores that agree to a thousandth of a point stand in the plan's order.
phusong.weights.score = function () {
  const weights = this.shared(this.own);
  for (const zone of this.zones) {
    zone.own_score = this.parts(zone, weights).reduce((sum, part) => sum + part, 0);
  }
  const steps = (zone) => Math.round(1000 * zone.own_score);
  this.ordered = [...this.zones].sort((a, b) => steps(b) - steps(a) || a.ranked.index - b.ranked.index);
  this.ordered.forEach((zone, i) => { zone.own_rank = i + 1; });
};

// Take weights over from a link.
phusong.weights.take = function (own) {
  this.own = own;
  this.score();
  if (this.usable) this.tell();
};

// List stations, zones or zones by own weights, as a link says.
phusong.weights.pick = function (view) {
  const input = document.querySelector(`input[name=order][value="${CSS.escape(view)}"]`);
  if (!input || input.checked) return;
  input.checked = true;
  this.switchTo(view);
};

phusong.weights.switchTo = function (view) {
  this.on = view === "own";
  this.panel.hidden = !this.on;
  this.how.hidden = view !== "zones";
  phusong.ranking.startOver(view);
};

// Score again once per frame, however fast a slider moves.
phusong.weights.changed = function () {
  if (this.waiting) return;
  this.waiting = requestAnimationFrame(() => {
    this.waiting = null;
    this.score();
    this.tell();
    phusong.ranking.show();
    phusong.permalink.write();
  });
};

// The switch between stations, zones and zones by own weights; what belongs to each below it.
phusong.weights.controls = function () {
  const { h, word } = phusong;
  if (!this.usable) return null;
  const pick = (view) => {
    const input = h("input", { type: "radio", name: "order", value: view, checked: view === "plan" });
    input.addEventListener("change", () => this.switchTo(view));
    return h("label", null, input, h("span", null, word["order_" + view]));
  };
  this.panel = this.sliders();
  this.how = phusong.judgement.shown();
  this.panel.hidden = this.how.hidden = true;
  this.tell();
  return h("div", { class: "weights" },
    h("div", { class: "switch", role: "radiogroup", "aria-label": word.order }, ["plan", "zones", "own"].map(pick)),
    this.how, this.panel);
};

phusong.weights.sliders = function () {
  const { h, word } = phusong;
  this.rows = this.criteria.map((criterion, i) => this.row(criterion, i))
    .filter((row, i) => this.varies(this.criteria[i]) || this.criteria[i].weight > 0);
  this.said = h("p", { class: "said", role: "status" });
  const reset = h("button", { type: "button", class: "plain", id: "own-reset", onclick: () => { this.own = this.planned(); this.changed(); } }, word.own_reset);
  return h("div", { class: "own" },
    h("p", { class: "note" }, word.own_note),
    this.rows.map((row) => row.element),
    h("div", { class: "own-foot" }, reset),
    this.said,
    phusong.judgement.pasted());
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
  const first = this.ordered.slice(0, this.TOP);
  const shared = phusong.fill(word.own_shared, {
    shared: phusong.number(first.filter((zone) => zone.ranked.rank <= this.TOP).length), first: phusong.number(first.length),
  });
  const same = this.own.every((weight, i) => weight === this.criteria[i].weight);
  const state = weights.some((weight) => weight > 0) ? (same ? word.own_same : "") : word.own_nothing;
  this.said.textContent = [shared, state].filter(Boolean).join(". ") + ".";
  phusong.judgement.write(weights);
};
