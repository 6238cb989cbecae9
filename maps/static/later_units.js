"use strict";
// The units of today in place of those of the run: a switch of the base layers. What they cover is
// restated from the run: their residents and areas are those of the communes that formed them.
phusong.laterUnits = { on: false };

phusong.laterUnits.start = function () {
  const told = phusong.data.later_units;
  this.known = Boolean(told);
  if (!told) return;
  const { communes, districts, symbols } = phusong;
  this.units = phusong.shaped(phusong.records(told.units));
  for (const unit of this.units) {
    unit.codes = new Set(unit.formed_from.split("/"));
    unit.formed = communes.filter((c) => unit.codes.has(c.commune_code));
  }
  this.own = { communes, districts, lines: symbols.lines };
  const outlines = this.units.flatMap((unit) => unit.parts);
  this.later = { communes: this.units, districts: [], lines: { ...symbols.lines, communes: outlines, districts: [] } };
};

// Bring the units shown to the state.
phusong.laterUnits.sync = function () {
  const on = this.known && phusong.state.show.has("later_units");
  if (on === this.on) return;
  this.on = on;
  const { communes, districts, lines } = on ? this.later : this.own;
  phusong.communes = communes;
  phusong.districts = districts;
  phusong.symbols.lines = lines;
  phusong.names.start();
  phusong.names.key = null;
};

// The share of residents covered by the end of a step: that of the communes that formed a unit.
phusong.laterUnits.share = function (unit, step) {
  let [covered, people] = [0, 0];
  for (const commune of unit.formed) {
    const share = phusong.years.share(commune, step);
    if (share === null || share === undefined) continue;
    covered += share * commune.population;
    people += commune.population;
  }
  return people ? covered / people : null;
};
