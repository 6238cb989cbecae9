"use strict";
// A sketch of another plan, worked out in this page: stations off, on and in other years, other means
// and targets, the rest chosen again. A figure is that of the plan and what the sample says of the change.
phusong.sketch = { usable: false, off: 0 };

phusong.sketch.start = function () {
  this.usable = Boolean(phusong.data.sketch);
  if (!this.usable) return;
  this.word = phusong.data.sketch_words;
  const { h } = phusong;
  const tab = h("button", { type: "button", role: "tab", id: "tab-sketch", "aria-controls": "page-sketch", "aria-selected": "false", tabindex: -1 }, this.word.tab);
  this.page = h("section", { class: "page", id: "page-sketch", role: "tabpanel", "aria-labelledby": "tab-sketch", hidden: true });
  document.getElementById("tab-about").before(tab);
  document.getElementById("page-about").before(this.page);
  this.badge = h("p", { class: "sketch-badge", id: "sketch-badge", role: "status", hidden: true });
  document.querySelector(".figures").prepend(this.badge);
  tab.addEventListener("click", () => this.open());
  document.querySelector(".tabs").addEventListener("click", () => { if (this.engine) this.marks(); });
};

// Unpack the sample when it is first needed.
phusong.sketch.ready = function () {
  if (this.engine) return this;
  const packed = atob(phusong.data.sketch.data);
  const bytes = new Uint8Array(packed.length);
  for (let i = 0; i < packed.length; i += 1) bytes[i] = packed.charCodeAt(i);
  this.engine = phusong.sketchEngine(bytes.buffer);
  const { about, arrays } = this.engine;
  this.years = about.years;
  this.rows = new Map(about.stations.map((name, row) => [name, row]));
  this.planned = arrays.year;
  this.first = this.engine.evaluate(this.planned);
  this.reset();
  this.build();
  return this;
};

// The draft and what is asked as the plan has them.
phusong.sketch.reset = function () {
  const { about } = this.engine, { means } = about;
  this.draft = this.planned.slice();
  this.pins = new Set();
  this.asked = {
    stations: { ...means.stations }, budget: { ...means.budget_million }, target_share: { ...means.target_share },
    tiers: about.tiers.map(({ number, targets }) => ({ number, targets: { ...targets } })),
    weights: [...about.weights],
  };
  this.usual = JSON.stringify(this.asked);
  this.now = this.first;
  this.needsRun = false;
};

phusong.sketch.changes = function () {
  return [...this.draft.keys()].filter((row) => this.draft[row] !== this.planned[row]);
};

phusong.sketch.active = () => Boolean(phusong.sketch.engine) && phusong.sketch.changes().length > 0;

// Every change of the draft goes through here.
phusong.sketch.change = function (row, year) {
  this.draft[row] = year;
  if (year === this.planned[row]) this.pins.delete(row);
  else this.pins.add(row);
  this.update();
};

phusong.sketch.update = function () {
  this.now = this.engine.evaluate(this.draft);
  this.show();
  phusong.refresh();
};

// Let a worker choose again around what the reader has set.
phusong.sketch.choose = function () {
  if (!this.worker) {
    this.worker = phusong.sketchWorker();
    const packed = atob(phusong.data.sketch.data);
    const bytes = Uint8Array.from(packed, (letter) => letter.charCodeAt(0));
    this.worker.postMessage({ buffer: bytes.buffer }, [bytes.buffer]);
    this.worker.onmessage = ({ data }) => {
      if (data.number !== this.number) return;
      this.draft = data.built;
      this.needsRun = data.few;
      this.missed = data.missed;
      this.page.removeAttribute("aria-busy");
      this.update();
    };
  }
  this.number = (this.number || 0) + 1;
  const pinned = [...this.pins];
  const { tiers } = this.engine.about;
  const rules = (own) => ({ ...tiers.find((tier) => tier.number === own.number), targets: own.targets });
  this.page.setAttribute("aria-busy", "true");
  this.message.textContent = this.word.choosing;
  this.worker.postMessage({
    number: this.number,
    asked: {
      ...this.asked, tiers: this.asked.tiers.map(rules),
      fixed: Object.fromEntries(pinned.filter((row) => this.draft[row] > 0).map((row) => [row, this.draft[row]])),
      off: pinned.filter((row) => this.draft[row] === 0),
    },
  });
};

phusong.sketch.bound = (share) => Math.min(Math.max(share, 0), 1);

// The figures by the end of a year: those of the plan, and those of the sketch.
phusong.sketch.figures = function (place) {
  const { arrays } = this.engine, { record } = phusong.data;
  const plan = record.years[place], [was, is] = [this.first[place], this.now[place]];
  const growth = arrays.growth.subarray(place * was.people.length, (place + 1) * was.people.length);
  const grown = (people) => people.reduce((sum, one, commune) => sum + one * growth[commune], 0);
  const population = plan.population || record.headline.population;
  const until = (list, key) => list.slice(0, place + 1).reduce((sum, year) => sum + year[key], 0);
  const moved = (key) => is[key] - was[key];
  return {
    year: plan.year,
    stations: [until(this.first, "stations"), until(this.now, "stations")],
    cost: [until(this.first, "cost"), until(this.now, "cost")],
    people: [plan.people_share, this.bound(plan.people_share + (grown(is.people) - grown(was.people)) / population)],
    zones: [plan.zone_demand_share, this.bound(plan.zone_demand_share + moved("zone_demand"))],
    tiers: (record.tiers || []).filter(({ tier }) => tier in is.tiers).map(({ tier, years }) => [tier,
      years[place].reached, this.bound(years[place].reached + is.tiers[tier] - was.tiers[tier])]),
  };
};

// The share of residents served in a commune at a step of the years; null where the plan says it.
phusong.sketch.share = function (commune, step) {
  if (!this.active() || step <= 0) return null;
  const place = Math.min(step, this.years.length) - 1, at = this.engine.about.communes.indexOf(commune.commune_code);
  const known = (phusong.data.record.years[place].communes || {})[commune.commune_code];
  const plan = place === this.years.length - 1 || known === undefined ? commune.covered_population_share_after : known;
  const people = this.total(at);
  return people > 0 ? this.bound(plan + (this.now[place].people[at] - this.first[place].people[at]) / people) : plan;
};

phusong.sketch.total = function (commune) {
  if (!this.totals) {
    const { arrays, about } = this.engine;
    this.totals = new Float64Array(about.communes.length);
    arrays.people.forEach((people, cell) => { if (arrays.commune[cell] >= 0) this.totals[arrays.commune[cell]] += people; });
  }
  return this.totals[commune];
};

// The headline follows the sketch, and says so.
phusong.sketch.headline = function (step) {
  if (!this.usable) return;
  const active = this.active();
  document.body.classList.toggle("sketching", active);
  this.badge.hidden = !active;
  if (this.engine) this.differences();
  if (!active || step <= 0) return;
  const { stations, cost, people, zones } = this.figures(Math.min(step, this.years.length) - 1);
  const { headline } = phusong.data.record;
  const put = (id, text) => {
    const element = document.getElementById(id);
    if (element) element.textContent = text;
  };
  this.badge.textContent = this.word.badge;
  for (const id of ["people-range", "stations-detail", "cost-detail", "other-figures"]) put(id, "");
  put("people-after", phusong.percent(people[1]));
  document.getElementById("bar-after").style.width = `${(100 * people[1]).toFixed(2)}%`;
  put("people-detail", `${phusong.number(people[1] * headline.population)} ${phusong.fill(phusong.word.of_people, { total: phusong.number(headline.population) })}`);
  put("stations", phusong.number(stations[1]));
  put("cost", phusong.money(cost[1]));
  put("zone-detail", `${phusong.word.covered_zones}: ${phusong.percent(zones[1])}`);
};

// In the address: what differs from the plan, each row with the place of its year; and what is asked.
phusong.sketch.link = function () {
  if (!this.engine) return ["", ""];
  const rows = this.changes().map((row) => `${row.toString(36)}.${this.years.indexOf(this.draft[row]) + 1}${this.pins.has(row) ? "" : "-"}`);
  const asked = JSON.stringify(this.asked);
  return [rows.join("~"), asked === this.usual ? "" : asked];
};

// Take over a draft from a link; what does not fit is left out.
phusong.sketch.take = function (rows, asked) {
  if (!this.usable || (!rows && !asked && !this.engine)) return;
  this.ready();
  const [own, ownAsked] = this.link();
  if (own === rows && ownAsked === asked) return;
  this.reset();
  for (const part of rows.split("~").filter(Boolean)) {
    const given = /^([0-9a-z]+)\.(\d+)(-?)$/.exec(part);
    const row = given ? parseInt(given[1], 36) : -1, year = given && Number(given[2]);
    if (row < 0 || row >= this.draft.length || year > this.years.length) continue;
    this.draft[row] = year ? this.years[year - 1] : 0;
    if (!given[3]) this.pins.add(row);
  }
  if (asked) this.takeAsked(asked);
  this.now = this.engine.evaluate(this.draft);
  this.build();
};

phusong.sketch.takeAsked = function (text) {
  try {
    const given = JSON.parse(text);
    const numbers = (tree) => Object.fromEntries(Object.entries(tree || {}).filter(([year, value]) => this.years.includes(Number(year)) && Number.isFinite(value) && value >= 0));
    for (const key of ["stations", "budget", "target_share"]) this.asked[key] = numbers(given[key]);
    const known = (given.tiers || []).filter(({ number }) => this.asked.tiers.some((tier) => tier.number === number));
    if (known.length === this.asked.tiers.length) this.asked.tiers = known.map(({ number, targets }) => ({ number, targets: numbers(targets) }));
    const { weights } = given;
    if (Array.isArray(weights) && weights.length === this.asked.weights.length && weights.every((one) => one >= 0 && one <= 9)) this.asked.weights = weights;
  } catch { /* not what this page wrote: the plan's own means stay */ }
};
