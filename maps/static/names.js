"use strict";
// Place names that thin out with zoom: few and large far out, all of them near.
phusong.FONT = 'system-ui, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, sans-serif';
phusong.names = { key: null, shown: [] };

phusong.names.start = function () {
  const districts = phusong.districts.map((d) => ({
    text: phusong.shortName(d.name).toLocaleUpperCase(phusong.locale),
    world: phusong.world(...d.label), weight: 1e9 + d.population, kind: "district",
  }));
  const communes = phusong.communes.map((c) => ({
    text: phusong.shortName(c.name), world: phusong.world(...c.label),
    weight: c.population * (c.commune_type === "xa" ? 1 : 4),
    kind: c.commune_type === "xa" ? "commune" : "town",
  }));
  this.all = [...districts, ...communes].sort((a, b) => b.weight - a.weight);
};

phusong.names.style = function (kind, zoom) {
  if (kind === "district") {
    return zoom > 13 ? null : { font: `650 ${zoom < 10.5 ? 11 : 12.5}px ${phusong.FONT}`, size: 13, spacing: 1.6, colour: "#22303a" };
  }
  const from = kind === "town" ? 11 : 11.75;
  if (zoom < from) return null;
  const size = Math.min(13, 10.5 + (zoom - from) * 0.6) + (kind === "town" ? 0.8 : 0);
  return { font: `${kind === "town" ? 550 : 430} ${size}px ${phusong.FONT}`, size, spacing: 0, colour: "#33434e" };
};

// Where a name may stand, in steps of its height: over its place first, then beside markers.
phusong.names.SHIFTS = [0, -1.1, 1.1, -2, 2];

// Choose the names that fit at a zoom; the choice does not change while the map is moved.
phusong.names.layout = function (context, view) {
  const key = `${view.zoom} ${phusong.state.step} ${[...phusong.state.years]}`;
  if (this.key === key) return;
  this.key = key;
  const markers = phusong.candidates.filter(phusong.candidateShown).map((candidate) => {
    const reach = phusong.candidateRadius(candidate, view.zoom);
    const [x, y] = candidate.world.map((part) => part * view.scale);
    return [x - reach, y - reach, x + reach, y + reach];
  });
  const taken = [];
  this.shown = [];
  for (const name of this.all) {
    const style = this.style(name.kind, view.zoom);
    if (!style) continue;
    context.font = style.font;
    context.letterSpacing = style.spacing + "px";
    const half = context.measureText(name.text).width / 2 + 3;
    const found = this.place(name, style, half, view.scale, taken, markers);
    if (!found) continue;
    taken.push(found.box);
    this.shown.push({ ...name, style, shift: found.shift });
  }
};

phusong.overlaps = (a, b) => a[0] < b[2] && a[2] > b[0] && a[1] < b[3] && a[3] > b[1];

// The place of a name that is free of other names, covers few markers and strays little.
phusong.names.place = function (name, style, half, scale, taken, markers) {
  let best = null;
  for (const step of this.SHIFTS) {
    const shift = step * style.size;
    const [x, y] = [name.world[0] * scale, name.world[1] * scale + shift];
    const box = [x - half, y - style.size * 0.7, x + half, y + style.size * 0.7];
    if (taken.some((other) => phusong.overlaps(box, other))) continue;
    const covered = markers.filter((marker) => phusong.overlaps(box, marker)).length;
    const cost = covered + 0.7 * Math.abs(step);
    if (!best || cost < best.cost) best = { box, shift, covered, cost };
  }
  // The name of a commune is left out rather than laid over a crowd of markers.
  return best && (name.kind === "district" || best.covered < 2) ? best : null;
};

phusong.names.draw = function (context, view) {
  if (!phusong.state.show.has("names")) return;
  this.layout(context, view);
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  for (const name of this.shown) {
    const [x, middle] = view.at(...name.world);
    const y = middle + name.shift;
    context.font = name.style.font;
    context.letterSpacing = name.style.spacing + "px";
    context.strokeStyle = "rgba(255, 253, 247, 0.85)";
    context.lineWidth = 3.2;
    context.strokeText(name.text, x, y);
    context.fillStyle = name.style.colour;
    context.fillText(name.text, x, y);
  }
  context.letterSpacing = "0px";
};
