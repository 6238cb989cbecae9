"use strict";
// How a judgement leads to the plan, in steps; own weights as the text of a scenario.
phusong.judgement = {};

phusong.judgement.shown = function () {
  const { h, word } = phusong;
  const step = (title, ...content) => h("li", null, h("b", null, title), content);
  const first = phusong.weights.ordered[0];
  return h("details", { class: "how" }, h("summary", null, word.how_judged),
    h("ol", null,
      step(word.how_pairs, h("p", null, this.source()), this.shares(), this.pairs()),
      step(word.how_score, h("p", null, phusong.fill(word.how_score_text, {
        name: first.name, score: phusong.number(first.ranked.score, 1),
      }))),
      step(word.how_weight, h("p", null, phusong.fill(word.how_weight_text, {
        name: first.name, weight: phusong.number(first.ranked.weight, 2),
        least: phusong.number(this.zones().weight_least, 2), most: phusong.number(this.zones().weight_most, 0),
      }))),
      step(word.how_plan, h("p", null, word.how_plan_text))),
    h("p", { class: "note" }, phusong.fill(word.how_sure_text, {
      draws: phusong.number(this.zones().draws), top: phusong.number(this.zones().top),
    })));
};

phusong.judgement.zones = () => phusong.data.record.choice.zones;

// Where the weights of the criteria come from.
phusong.judgement.source = function () {
  const { word } = phusong;
  const ratio = phusong.number(this.zones().consistency_ratio, 3);
  return phusong.data.judgements ? phusong.fill(word.how_ahp, { ratio }) : word.how_given;
};

phusong.judgement.pairs = function () {
  const { h, word } = phusong;
  const pairs = phusong.data.judgements ? phusong.data.judgements.split("; ") : [];
  return pairs.length ? phusong.card.folded(word.how_all_pairs, h("ul", null, pairs.map((pair) => h("li", null, pair)))) : null;
};

phusong.judgement.shares = function () {
  const { h, weights } = phusong;
  const used = weights.criteria.filter(({ weight }) => weight > 0).sort((a, b) => b.weight - a.weight);
  return h("div", null, used.map((criterion) => h("div", { class: "part" },
    h("span", { class: "name" }, weights.label(criterion)),
    h("span", { class: "track", "aria-hidden": "true" }, h("i", { style: `width:${(100 * criterion.weight).toFixed(1)}%` })),
    h("span", { class: "amount" }, phusong.percent(criterion.weight, 0)))));
};

// Own weights, to be pasted into a scenario: only a new run makes another plan of them.
phusong.judgement.pasted = function () {
  const { h, word } = phusong;
  this.text = h("pre", { id: "own-toml" });
  const copy = h("button", { type: "button", class: "plain", id: "own-copy", onclick: () => phusong.copy(this.text.textContent, word.own_toml_copied) }, word.own_toml_copy);
  return h("details", { class: "how" }, h("summary", null, word.own_toml), h("p", null, word.own_toml_note), this.text, copy);
};

phusong.judgement.write = function (weights) {
  const { criteria } = phusong.weights;
  const { name } = phusong.data.record.scenario;
  const lines = criteria.map((criterion, i) => [criterion.name, weights[i]]).filter(([, weight]) => weight > 0)
    .map(([criterion, weight]) => `${criterion} = ${weight.toFixed(3)}`);
  this.text.textContent = [`extends = "${name}"`, "", "[scenario]", `name = "${name}_own"`, "", "[weights]", ...lines].join("\n") + "\n";
};
