"use strict";
// The themes: communes shaded by share, and pictures of coverage. One is shown, or two side by side.
// What each is, maps/layers/themes.py says in its record: nothing here knows a theme by its name.
phusong.themes = {};

phusong.themes.list = () => phusong.data.themes;

phusong.themes.of = (name) => phusong.data.themes.find((theme) => theme.name === name);

phusong.themes.is = (name, kind) => (phusong.themes.of(name) || {}).kind === kind;

phusong.themes.shades = (name) => phusong.themes.is(name, "communes");

// The picture that a theme shows; undefined where it shows communes or nothing.
phusong.themes.picture = (name) => (phusong.themes.of(name) || {}).picture || undefined;

phusong.themes.isBefore = (name) => (phusong.themes.of(name) || {}).when === "before";

// Whether a theme follows the years; the others show the state of one moment.
phusong.themes.grows = (name) => (phusong.themes.of(name) || {}).when === "years"
  && (!phusong.themes.shades(name) || phusong.years.hasCommunes());

phusong.themes.step = (name) => (phusong.themes.isBefore(name) ? 0 : phusong.state.step);

phusong.themes.share = (name, commune) => phusong.years.share(commune, phusong.themes.step(name));

// What a theme is called, with the year where it follows the years.
phusong.themes.title = function (name) {
  const { word } = phusong;
  if (name === "none") return word.surface_none;
  return this.grows(name) ? phusong.years.title(this.step(name)) : word[name];
};

phusong.themes.group = (name) => (name === "none" ? "" : phusong.word[phusong.themes.of(name).group]);

// The colour of each class of a picture, "" where it is clear, and which palette that is.
phusong.themes.palette = function (name) {
  const { palettes, pictures } = phusong.data;
  if (this.shades(name)) return palettes.share;
  return palettes[pictures.classes[this.picture(name)]];
};

phusong.themes.isLevel = (name) => phusong.data.pictures.classes[phusong.themes.picture(name)] === "level";

phusong.themes.colours = function (name) {
  if (this.is(name, "servers")) return phusong.data.pictures.servers.map(([, colour]) => colour);
  const { colours } = this.palette(name);
  if (this.isLevel(name) && phusong.state.palette === "vnpt") return phusong.data.palettes.level_vnpt.colours;
  if (!this.is(name, "years")) return colours;
  // Classes: not covered, covered before the plan, then one for each year.
  return colours.map((colour, index) => (index - 1 <= this.step(name) ? colour : ""));
};

// What a class of a theme's picture means, in words.
phusong.themes.says = function (name, index) {
  const { word, data } = phusong;
  if (this.is(name, "servers")) return data.pictures.servers[index][0];
  if (this.is(name, "years")) {
    if (index === 0 || index - 1 > this.step(name)) return word.gain_none;
    return index === 1 ? word.gain_before : phusong.fill(word.covered_from, { year: phusong.years.year(index - 1) });
  }
  const palette = this.palette(name);
  const unit = palette.unit ? " " + word[palette.unit] : "";
  const low = index > 0 ? phusong.number(palette.breaks[index - 1]) : null;
  const high = index < palette.breaks.length ? phusong.number(palette.breaks[index]) : null;
  if (low === null) return phusong.fill(word.less_than, { value: high + unit });
  if (high === null) return phusong.fill(word.at_least, { value: low + unit });
  return `${low} … ${high}${unit}`;
};
