"use strict";
// The themes: communes shaded by share, and pictures of coverage. One is shown, or two side by side.
// What each is, maps/layers/themes.py says in its record: nothing here knows a theme by its name.
phusong.themes = {};

phusong.themes.list = () => phusong.data.themes;

phusong.themes.of = (name) => phusong.data.themes.find((theme) => theme.name === name);

phusong.themes.is = (name, kind) => (phusong.themes.of(name) || {}).kind === kind;

phusong.themes.shades = (name) => phusong.themes.is(name, "communes");

// The picture that a theme shows; undefined where it shows communes or nothing.
phusong.themes.picture = function (name) {
  const { picture, steps } = this.of(name) || {};
  return picture && steps.length ? `${picture}@${this.stepShown(name)}` : picture || undefined;
};

// The step that a theme with a picture by step shows: the last where it has none of the year.
phusong.themes.stepShown = function (name) {
  const { steps } = this.of(name);
  return steps.includes(this.step(name)) ? this.step(name) : steps.at(-1);
};

// Whether a theme shows who is served where people live.
phusong.themes.isServed = (name) => phusong.themes.is(name, "served") || phusong.themes.is(name, "sure");

phusong.themes.isBefore = (name) => (phusong.themes.of(name) || {}).when === "before";

// Whether a theme follows the years; the others show the state of one moment.
phusong.themes.grows = (name) => (phusong.themes.of(name) || {}).when === "years"
  && (!phusong.themes.shades(name) || phusong.years.hasCommunes())
  && (!phusong.themes.of(name).steps.length || phusong.themes.of(name).steps.includes(phusong.state.step));

phusong.themes.step = (name) => (phusong.themes.isBefore(name) ? 0 : phusong.state.step);

phusong.themes.share = (name, commune) => phusong.years.share(commune, phusong.themes.step(name));

// What a theme is called, with the year where it follows the years.
phusong.themes.title = function (name) {
  const { word } = phusong;
  if (name === "none") return word.surface_none;
  if (!this.grows(name)) return word[name];
  const year = phusong.years.title(this.step(name));
  return this.of(name).steps.length ? `${word[name]} · ${year}` : year;
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
  if (this.isLevel(name) && phusong.state.palette === "operator") return phusong.data.palettes.level_operator.colours;
  // Classes of settled land, then the same, faint, of other land: sure is the last of each.
  if (this.is(name, "sure")) return colours.map((colour, index) => colours[this.isSure(index) ? index : index - (index % (colours.length / 2))]);
  if (!this.is(name, "years")) return colours;
  // Classes: not covered, covered before the plan, then one for each year.
  return colours.map((colour, index) => (index - 1 <= this.step(name) ? colour : ""));
};

// The classes of who is served, without their double for other land; null of other themes.
phusong.themes.served = function (name) {
  if (!this.isServed(name)) return null;
  const { breaks, colours } = this.palette(name);
  const count = colours.length / 2;
  return { breaks: breaks.slice(0, count - 1), colours: colours.slice(0, count) };
};

// Whether a class of the double palette is the one that is as sure as asked for.
phusong.themes.isSure = function (index) {
  const { breaks, colours } = this.palette("served");
  const place = breaks.indexOf(phusong.data.record.service.probability) + 1;
  return index % (colours.length / 2) >= place;
};

// Each class of who is served: its colour, its words, and its share of the residents.
phusong.themes.servedWords = function (name) {
  const { word, data } = phusong;
  const { breaks, colours } = this.served(name);
  const residents = data.pictures.residents[this.picture(name)] || [];
  const drawn = this.colours(name);
  const percent = (value) => phusong.percent(value, 0);
  return colours.map((_, index) => {
    const [low, high] = [breaks[index - 1], breaks[index]];
    const text = colours.length === 2 ? word[index ? "served_yes" : "served_no"]
      : low === undefined ? phusong.fill(word.less_than, { value: percent(high) })
        : high === undefined ? phusong.fill(word.at_least, { value: percent(low) }) : `${phusong.number(100 * low)}–${percent(high)}`;
    return [drawn[index], text, residents[index]];
  });
};

// What a class of a theme's picture means, in words.
phusong.themes.says = function (name, index) {
  const { word, data } = phusong;
  if (this.is(name, "servers")) return data.pictures.servers[index][0];
  if (this.is(name, "years")) {
    if (index === 0 || index - 1 > this.step(name)) return word.gain_none;
    return index === 1 ? word.gain_before : phusong.fill(word.covered_from, { year: phusong.years.year(index - 1) });
  }
  const palette = this.served(name) || this.palette(name);
  if (this.isServed(name)) return this.servedWords(name)[index % palette.colours.length][1];
  const unit = palette.unit ? " " + word[palette.unit] : "";
  const low = index > 0 ? phusong.number(palette.breaks[index - 1]) : null;
  const high = index < palette.breaks.length ? phusong.number(palette.breaks[index]) : null;
  if (low === null) return phusong.fill(word.less_than, { value: high + unit });
  if (high === null) return phusong.fill(word.at_least, { value: low + unit });
  return `${low} … ${high}${unit}`;
};
