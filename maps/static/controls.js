"use strict";
// The panel of layers, and the state that every drawing follows.
phusong.TECHNOLOGIES = ["3G", "4G", "5G"];

phusong.startState = function () {
  const { colours, boundaries, record: { scenario } } = phusong.data;
  const wide = !phusong.isCoarse() && !phusong.isLow();
  phusong.state = {
    surface: (phusong.themes.of("served") || phusong.themes.of("communes_after") || phusong.themes.of("probability_indoor_0") || phusong.themes.list()[0]).name,
    left: null,
    at: 0.5,
    step: phusong.years.last(),
    opacity: 0.85,
    palette: "level",
    show: new Set(["relief", ...(boundaries.roads ? ["roads"] : []), "district_lines", "commune_lines", "names", "live_5g"]),
    operators: new Set(phusong.data.shown_operators || []),
    technologies: new Set(phusong.TECHNOLOGIES),
    years: new Set(Object.keys(colours.years)),
    zones: new Set(phusong.zones.map((zone) => zone.kind).filter((kind) => kind === scenario.kind && kind !== "urban")),
    selected: null,
    legendOpen: wide,
  };
};

phusong.controls = {};

// After any change of the state: draw again.
phusong.refresh = function () {
  phusong.laterUnits.sync();
  phusong.surface.show();
  phusong.network.forget();
  phusong.symbols.redraw();
  phusong.legend.show();
  phusong.swipe.sync();
  phusong.years.sync();
  phusong.controls.sync();
  phusong.permalink.write();
};

phusong.controls.start = function () {
  const page = document.getElementById("page-layers");
  page.append(this.themes(), this.candidates(), this.network(), this.zones(), this.base());
  this.sync();
};

phusong.controls.group = function (title, ...children) {
  const { h } = phusong;
  return h("fieldset", null, h("legend", null, title), children);
};

phusong.controls.choice = function (type, name, key, label, symbol, count, change) {
  const { h } = phusong;
  const input = h("input", { type, name, value: key, "data-layer": `${name}:${key}` });
  input.addEventListener("change", () => change(input.checked));
  return h("label", { class: "choice" }, input, symbol,
    h("span", { class: "text" }, label),
    count === null ? null : h("span", { class: "count" }, phusong.number(count)));
};

// A checkbox that puts its key into a set of the state, or takes it out.
phusong.controls.member = function (set, key, label, symbol = null, count = null) {
  return this.choice("checkbox", set, key, label, symbol, count, (on) => {
    phusong.state[set][on ? "add" : "delete"](key);
    phusong.refresh();
  });
};

phusong.controls.themes = function () {
  const { h, word } = phusong;
  const pick = (name, label) => this.choice("radio", "surface", name, label, null, null, () => {
    phusong.state.surface = name;
    phusong.refresh();
  });
  const known = phusong.themes.list();
  const groups = [...new Set(known.map(({ group }) => group))].map((group) => {
    const own = known.filter((theme) => theme.group === group).map(({ name }) => name);
    // The ways to be served are one switch.
    const ways = own.filter((name) => phusong.themes.isServed(name) && !phusong.themes.isBefore(name));
    const one = ways.length ? h("div", { class: "switch", role: "radiogroup", "aria-label": word[group] }, ways.map((name) => pick(name, word[name]))) : null;
    return [h("p", { class: "sub" }, word[group]), one, ...own.filter((name) => !ways.includes(name)).map((name) => pick(name, word[name]))];
  });
  return this.group(word.group_surface, ...groups.flat(), pick("none", word.surface_none),
    this.strength(), this.palettes(), this.comparison());
};

phusong.controls.strength = function () {
  const { h, word, state } = phusong;
  const slider = h("input", { type: "range", min: 0.2, max: 1, step: 0.05, value: state.opacity, id: "opacity" });
  slider.addEventListener("input", () => {
    state.opacity = Number(slider.value);
    phusong.surface.show();
  });
  slider.addEventListener("change", () => phusong.permalink.write());
  return h("label", { class: "slider" }, h("span", null, word.opacity), slider);
};

// The theme to the left of the divider.
phusong.controls.comparison = function () {
  const { h, word, state } = phusong;
  const option = (name) => h("option", { value: name }, name === "none" ? word.surface_none
    : `${word[phusong.themes.of(name).group]}: ${word[name]}`);
  const select = h("select", { id: "left-theme" }, phusong.themes.list().map(({ name }) => option(name)), option("none"));
  select.addEventListener("change", () => {
    state.left = select.value;
    phusong.refresh();
  });
  const box = h("input", { type: "checkbox", id: "swipe" });
  box.addEventListener("change", () => phusong.swipe.toggle(box.checked));
  return h("div", null,
    h("label", { class: "choice" }, box, h("span", { class: "text" }, word.swipe)),
    h("label", { class: "slider", id: "left-row" }, h("span", null, word.swipe_left), select));
};

phusong.controls.palettes = function () {
  const { h, word, state } = phusong;
  const select = h("select", { id: "palette" },
    h("option", { value: "level" }, word.palette_default),
    word.palette_operator ? h("option", { value: "operator" }, word.palette_operator) : null);
  select.addEventListener("change", () => {
    state.palette = select.value;
    phusong.refresh();
  });
  return h("label", { class: "slider", id: "palette-row" }, h("span", null, word.palette), select);
};

phusong.controls.candidates = function () {
  const { word, data } = phusong;
  const years = Object.keys(data.colours.years);
  const stations = years.map((year) => this.member(
    "years", year, phusong.fill(word.year_stations, { year }),
    phusong.legend.station("colocated", data.colours.years[year]),
    phusong.candidates.filter((c) => String(c.year) === year).length));
  const more = this.compared();
  return stations.length || more.length ? this.group(word.group_candidates, ...stations, ...more) : "";
};

// What the plan compared, and how its stations are joined: where the run tells.
phusong.controls.compared = function () {
  const { word, places, links } = phusong;
  const marks = phusong.legend;
  return [
    places.length ? this.member("show", "places", word.places, marks.placeMark(), places.length) : null,
    links.length ? this.member("show", "backhaul", word.backhaul, marks.linkMark("fibre"), links.length) : null,
  ].filter(Boolean);
};

phusong.controls.network = function () {
  const { word, data } = phusong;
  const dot = (colour) => phusong.svg(16, 16, ["circle", { cx: 8, cy: 8, r: 4.5, fill: colour }]);
  const live = phusong.sites.filter((site) => site.live5g).length;
  return this.group(word.group_network,
    ...Object.entries(data.colours.operators).map(([name, colour]) => this.member(
      "operators", name, name, dot(colour), phusong.sites.filter((s) => s.operator === name).length)),
    this.technologies(),
    this.member("show", "live_5g", word.live_5g, phusong.legend.star(), live));
};

// Of the operators that are shown, only sites with one of the chosen technologies.
phusong.controls.technologies = function () {
  const { h, word } = phusong;
  const has = (technology) => phusong.sites.filter((site) => phusong.technologiesOf(site).includes(technology)).length;
  return h("div", { class: "technologies" }, h("p", { class: "sub" }, word.by_technology),
    h("div", { class: "inline" }, phusong.TECHNOLOGIES.map((name) => this.member("technologies", name, name, null, has(name)))));
};

phusong.controls.zones = function () {
  const { h, word, data } = phusong;
  const patch = (colour) => h("i", { class: "patch", style: `background:${colour}33;border:1.5px solid ${colour}` });
  const kinds = Object.entries(data.colours.zones)
    .map(([kind, colour]) => [kind, colour, phusong.zones.filter((z) => z.kind === kind).length])
    .filter(([, , count]) => count > 0);
  const holes = phusong.holes.length
    ? [this.member("show", "holes", word.holes, patch(data.colours.hole), phusong.holes.length)] : [];
  if (!kinds.length && !holes.length) return "";
  return this.group(word.group_zones,
    ...kinds.map(([kind, colour, count]) => this.member("zones", kind, word["zone_" + kind], patch(colour), count)),
    ...holes);
};

phusong.controls.base = function () {
  const { word } = phusong;
  const lines = phusong.districts.length ? ["district_lines", "commune_lines"] : ["commune_lines"];
  const roads = phusong.data.boundaries.roads ? ["roads"] : [];
  return this.group(word.group_base, ...["relief", ...roads, ...lines, "names"].map(
    (key) => this.member("show", key, word[key])), this.laterUnits(), phusong.tiles.control());
};

// The switch to the units of today, where the run is on those of before.
phusong.controls.laterUnits = function () {
  const told = phusong.data.later_units;
  return told ? this.member("show", "later_units", told.title) : "";
};

// Whether a key belongs to a set of the state: there is a box for it.
phusong.controls.knows = (set, key) => [...document.querySelectorAll("#page-layers input[type=checkbox][data-layer]")]
  .some((input) => input.dataset.layer === `${set}:${key}`);

// Make every control say what the state says.
phusong.controls.sync = function () {
  const { state } = phusong;
  for (const input of document.querySelectorAll("#page-layers input[data-layer]")) {
    input.checked = input.type === "radio"
      ? state[input.name] === input.value : state[input.name].has(input.value);
  }
  const shown = [state.surface, state.left || "none"];
  document.getElementById("palette-row").hidden = !shown.some((name) => phusong.themes.isLevel(name));
  document.getElementById("palette").value = state.palette;
  document.getElementById("opacity").value = String(state.opacity);
  document.getElementById("swipe").checked = Boolean(state.left);
  document.getElementById("left-row").hidden = !state.left;
  document.getElementById("left-theme").value = state.left || "none";
};
