"use strict";
// The panel of layers, and the state that every drawing follows.
phusong.startState = function () {
  const { colours } = phusong.data;
  const wide = !phusong.isCoarse();
  phusong.state = {
    surface: ["communes_after", "coverage_gain", "rsrp_after", "rsrp_4g"].find(phusong.hasSurface) || "none",
    opacity: 0.85,
    palette: "level",
    show: new Set(["relief", "district_lines", "commune_lines", "names", "live_5g"]),
    operators: new Set(),
    years: new Set(Object.keys(colours.years)),
    zones: new Set(),
    selected: null,
    legendOpen: wide,
  };
};

phusong.controls = {};

// After any change of the state: draw again.
phusong.refresh = function () {
  phusong.surface.show();
  phusong.network.forget();
  phusong.symbols.redraw();
  phusong.legend.show();
  phusong.controls.sync();
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
  const groups = phusong.SURFACES.map(({ group, names }) => {
    const known = names.filter(phusong.hasSurface);
    return known.length ? [h("p", { class: "sub" }, word[group]), ...known.map((name) => pick(name, word[name]))] : [];
  });
  return this.group(word.group_surface, ...groups.flat(), pick("none", word.surface_none), this.strength(), this.palettes());
};

phusong.controls.strength = function () {
  const { h, word, state } = phusong;
  const slider = h("input", { type: "range", min: 0.2, max: 1, step: 0.05, value: state.opacity, id: "opacity" });
  slider.addEventListener("input", () => {
    state.opacity = Number(slider.value);
    phusong.surface.show();
  });
  return h("label", { class: "slider" }, h("span", null, word.opacity), slider);
};

phusong.controls.palettes = function () {
  const { h, word, state } = phusong;
  const select = h("select", { id: "palette" },
    h("option", { value: "level" }, word.palette_default), h("option", { value: "vnpt" }, word.palette_vnpt));
  select.addEventListener("change", () => {
    state.palette = select.value;
    phusong.refresh();
  });
  return h("label", { class: "slider", id: "palette-row" }, h("span", null, word.palette), select);
};

phusong.controls.candidates = function () {
  const { word, data } = phusong;
  const years = Object.keys(data.colours.years);
  if (!years.length) return "";
  return this.group(word.group_candidates, ...years.map((year) => this.member(
    "years", year, phusong.fill(word.year_stations, { year }),
    phusong.legend.station("colocated", data.colours.years[year]),
    phusong.candidates.filter((c) => String(c.year) === year).length)));
};

phusong.controls.network = function () {
  const { word, data } = phusong;
  const dot = (colour) => phusong.svg(16, 16, ["circle", { cx: 8, cy: 8, r: 4.5, fill: colour }]);
  const live = phusong.sites.filter((site) => site.live5g).length;
  return this.group(word.group_network,
    ...Object.entries(data.colours.operators).map(([name, colour]) => this.member(
      "operators", name, name, dot(colour), phusong.sites.filter((s) => s.operator === name).length)),
    this.member("show", "live_5g", word.live_5g, phusong.legend.star(), live));
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
  return this.group(word.group_base, ...["relief", "district_lines", "commune_lines", "names"].map(
    (key) => this.member("show", key, word[key])));
};

// Make every control say what the state says.
phusong.controls.sync = function () {
  const { state } = phusong;
  for (const input of document.querySelectorAll("#page-layers input[data-layer]")) {
    input.checked = input.type === "radio"
      ? state[input.name] === input.value : state[input.name].has(input.value);
  }
  const level = state.surface !== "none" && phusong.paletteName(state.surface) === "level";
  document.getElementById("palette-row").hidden = !level;
};
