"use strict";
// A sketch as the text of a scenario, with which phusong run builds these stations and confirms the figures.
phusong.toml = {};

phusong.toml.value = function (value) {
  if (Array.isArray(value)) return `[${value.map((one) => this.value(one)).join(", ")}]`;
  if (value !== null && typeof value === "object") {
    return `{ ${this.pairs(value).map(([key, one]) => `${JSON.stringify(key)} = ${this.value(one)}`).join(", ")} }`;
  }
  return typeof value === "string" ? JSON.stringify(value).replace(/\u007f/g, "\\u007f") : String(value);
};

phusong.toml.pairs = (tree) => Object.entries(tree).filter(([, value]) => value !== null && value !== undefined);

// Values first, then a section for each part that has parts of its own.
phusong.toml.text = function (tree) {
  const isPart = (value) => typeof value === "object" && !Array.isArray(value);
  const line = ([key, value]) => `${JSON.stringify(key)} = ${this.value(value)}\n`;
  const pairs = this.pairs(tree);
  const parts = pairs.filter(([, value]) => isPart(value)).map(([key, value]) => `\n[${JSON.stringify(key)}]\n${this.pairs(value).map(line).join("")}`);
  return pairs.filter(([, value]) => !isPart(value)).map(line).join("") + parts.join("");
};

// The settings of the run, and its stations: these and no other, each in its year.
phusong.sketch.scenario = function () {
  const { record, sketch } = phusong.data;
  const { stations } = this.engine.about, { order } = this.engine.arrays;
  const settings = sketch.settings || { extends: record.scenario.name };
  const last = this.draft.length;
  const built = [...this.draft.keys()].filter((row) => this.draft[row] > 0)
    .sort((a, b) => this.draft[a] - this.draft[b] || (order[a] || last) - (order[b] || last));
  const require = Object.fromEntries(built.map((row) => [stations[row], this.draft[row]]));
  const byYear = {};
  for (const row of built) byYear[this.draft[row]] = (byYear[this.draft[row]] || 0) + 1;
  const changed = (settings.candidates || {}).changed || {};
  return {
    ...settings,
    quotas: [],
    candidates: {
      ...settings.candidates, only: built.map((row) => stations[row]), require,
      changed: Object.fromEntries(Object.entries(changed).filter(([name]) => name in require)),
    },
    rollout: { ...settings.rollout, stations: byYear, budget_million: {}, target_share: {}, min_per_district: {} },
  };
};

phusong.sketch.text = function () {
  return `# ${this.word.file_note}\n${phusong.toml.text(this.scenario())}`;
};

phusong.sketch.save = function () {
  const address = URL.createObjectURL(new Blob([this.text()], { type: "application/toml;charset=utf-8" }));
  const link = phusong.h("a", { href: address, download: "sketch.toml" });
  document.body.append(link);
  link.click();
  link.remove();
  URL.revokeObjectURL(address);
  this.message.textContent = this.word.saved;
};
