"use strict";
// The rollout year by year: a slider from before the plan to its end, and what it changes.
// Step 0 is before the plan; step k the end of the k-th year.
phusong.years = { playing: null };
phusong.YEAR_SHOWN_MS = 1300;

phusong.years.list = () => phusong.data.record.years || [];

phusong.years.last = () => phusong.years.list().length;

phusong.years.year = (step) => (step > 0 ? phusong.years.list()[step - 1].year : 0);

// Whether a station stands by the year that is shown.
phusong.years.built = function (candidate) {
  const { step } = phusong.state;
  return step >= this.last() || candidate.year <= this.year(step);
};

phusong.years.title = function (step) {
  const { word } = phusong;
  return step > 0 ? phusong.fill(word.year_end, { year: this.year(step) }) : word.before;
};

// The share of residents covered in a commune; null where the run did not record that year.
phusong.years.share = function (commune, step) {
  if (commune.formed) return phusong.laterUnits.share(commune, step);
  const sketched = phusong.sketch.share(commune, step);
  if (sketched !== null) return sketched;
  if (step <= 0) return commune.covered_population_share_before;
  if (step >= this.last()) return commune.covered_population_share_after;
  const { communes } = this.list()[step - 1];
  return communes ? communes[commune.commune_code] ?? null : commune.covered_population_share_after;
};

phusong.years.hasCommunes = () => phusong.years.list().every((year) => year.communes);

phusong.years.start = function () {
  const { h, word } = phusong;
  const place = document.getElementById("years");
  if (!this.last()) {
    place.remove();
    return;
  }
  this.play = h("button", { type: "button", class: "play", onclick: () => this.toggle() });
  this.slider = h("input", {
    type: "range", id: "year", min: 0, max: this.last(), step: 1, "aria-label": word.year_slider,
  });
  this.slider.addEventListener("input", () => {
    const step = Number(this.slider.value);
    this.stop();
    this.show(step);
  });
  this.said = h("output", { for: "year", "aria-live": "polite" });
  const ends = [word.before_short, ...this.list().map((year) => String(year.year))];
  const few = ends.length > 8 ? [ends[0], ends.at(-1)] : ends;
  place.append(this.play,
    h("div", { class: "track" }, this.slider, h("div", { class: "ends", "aria-hidden": "true" }, few.map((end) => h("span", null, end)))),
    this.said);
  this.first = Object.fromEntries(this.figures().map((id) => [id, document.getElementById(id).textContent]));
  this.sync();
};

phusong.years.show = function (step) {
  phusong.state.step = Math.min(Math.max(step, 0), this.last());
  phusong.refresh();
};

phusong.years.toggle = function () {
  if (this.playing) {
    this.stop();
    return;
  }
  if (phusong.state.step >= this.last()) this.show(0);
  this.playing = setInterval(() => {
    this.show(phusong.state.step + 1);
    if (phusong.state.step >= this.last()) this.stop();
  }, phusong.YEAR_SHOWN_MS);
  this.sync();
};

phusong.years.stop = function () {
  clearInterval(this.playing);
  this.playing = null;
  this.sync();
};

// Bring slider, button and headline figures to the state.
phusong.years.sync = function () {
  if (!this.slider) return;
  const { step } = phusong.state;
  const { word } = phusong;
  this.slider.value = String(step);
  this.slider.style.setProperty("--done", `${(100 * step) / this.last()}%`);
  this.slider.setAttribute("aria-valuetext", this.title(step));
  this.said.textContent = this.title(step);
  const label = this.playing ? word.pause : word.play;
  this.play.setAttribute("aria-label", label);
  this.play.title = label;
  const mark = this.playing ? "M4 3h3v10H4zM9 3h3v10H9z" : "M4.5 2.5 13 8 4.5 13.5z";
  this.play.replaceChildren(phusong.svg(16, 16, ["path", { d: mark, fill: "currentColor" }]));
  this.figure(step);
  phusong.sketch.headline(step);
};

// A run of an earlier version has no range.
phusong.years.figures = () => [
  "people-after", "people-range", "people-detail", "zone-detail", "stations", "stations-detail", "cost", "cost-detail",
].filter((id) => document.getElementById(id));

// The demand in the priority zones that is covered by the end of a year.
phusong.years.zones = function (step) {
  const before = phusong.percent(phusong.data.record.headline.zone_demand_share_before);
  const after = step ? ` → ${phusong.percent(this.list()[step - 1].zone_demand_share)}` : "";
  return `${phusong.word.covered_zones}: ${before}${after}`;
};

// The figures by the end of a year; those of the whole plan stay as the page was written.
phusong.years.figure = function (step) {
  const put = (id, text) => { document.getElementById(id).textContent = text; };
  const { headline } = phusong.data.record;
  const share = step >= this.last() ? headline.people_share_after
    : step > 0 ? this.list()[step - 1].people_share : headline.people_share_before;
  document.getElementById("bar-after").style.width = `${(100 * share).toFixed(2)}%`;
  document.querySelector(".figure .arrow").hidden = step === 0;
  document.querySelector(".figure .from").hidden = step === 0;
  const others = document.getElementById("other-figures"); // known before and after the plan only
  if (others) others.hidden = step < this.last();
  if (step >= this.last()) {
    for (const [id, text] of Object.entries(this.first)) put(id, text);
    return;
  }
  const { word } = phusong;
  const people = phusong.number(share * headline.population);
  const until = this.list().slice(0, step);
  const sum = (key) => until.reduce((total, year) => total + year[key], 0);
  const built = phusong.candidates.filter((c) => this.built(c));
  const count = (kind) => built.filter((c) => c.kind === kind).length;
  const kinds = [["colocated", "colocated_count"], ["new", "new_count"]].filter(([kind]) => count(kind));
  const gained = (share - headline.people_share_before) * headline.population;
  const range = step ? phusong.card.range(this.list()[step - 1], "people_share")
    : phusong.card.range(headline, "people_share_before");
  if (document.getElementById("people-range")) put("people-range", range ? `${word.range_90}: ${range}` : "");
  if (document.getElementById("zone-detail")) put("zone-detail", this.zones(step));
  put("people-after", phusong.percent(share));
  put("people-detail", `${step ? phusong.number(headline.people_before) + " → " : ""}${people} `
    + phusong.fill(word.of_people, { total: phusong.number(headline.population) }));
  put("stations", phusong.number(sum("stations")));
  put("stations-detail", kinds.map(([kind, key]) => phusong.fill(word[key], { count: phusong.number(count(kind)) })).join(", "));
  put("cost", phusong.money(sum("cost_million")));
  put("cost-detail", gained > 0 ? phusong.fill(word.cost_per_person, {
    cost: phusong.moneyEach((1e6 * sum("cost_million")) / gained),
  }) : "");
};
