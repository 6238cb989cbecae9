"use strict";
// Place names that thin out with zoom: few and large far out, all of them near.
phusong.FONT = 'system-ui, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, sans-serif';
phusong.names = { key: null, shown: [] };

phusong.names.start = function () {
  const districts = phusong.districts.map((d) => ({
    text: phusong.shortName(d.name).toLocaleUpperCase(phusong.locale),
    home: (x, y) => phusong.communes.some((c) => c.district_code === d.district_code && phusong.holds(c, x, y)),
    world: phusong.world(...d.label), weight: 1e9 + d.population, kind: "district",
  }));
  const communes = phusong.communes.map((c) => ({
    text: phusong.shortName(c.name), home: (x, y) => phusong.holds(c, x, y), world: phusong.world(...c.label),
    weight: c.population * (phusong.isTown(c) ? 4 : 1),
    kind: phusong.isTown(c) ? "town" : "commune",
  }));
  this.all = [...districts, ...communes].sort((a, b) => b.weight - a.weight);
};

phusong.names.style = function (kind, zoom) {
  if (kind === "district") {
    return zoom > 13 ? null : { font: `650 ${zoom < 10.5 ? 11 : 12.5}px ${phusong.FONT}`, size: 13, spacing: 1.6, colour: "#22303a" };
  }
  // A set of units without districts has few communes: their names show from farther out.
  const from = (kind === "town" ? 11 : 11.75) - (phusong.districts.length ? 0 : 1.6);
  if (zoom < from) return null;
  const size = Math.min(13, 10.5 + (zoom - from) * 0.6) + (kind === "town" ? 0.8 : 0);
  return { font: `${kind === "town" ? 550 : 430} ${size}px ${phusong.FONT}`, size, spacing: 0, colour: "#33434e" };
};

// How far a name strays from its place.
phusong.names.strays = ([x, y]) => 2.4 * Math.abs(x) + Math.abs(y);

// Where a name may stand, right of its place in half widths and below it in heights: nearest first.
phusong.names.SHIFTS = [0, -0.5, 0.5, -1, 1].flatMap((x) => [0, -1.1, 1.1, -2.2, 2.2, -3.3, 3.3].map((y) => [x, y]))
  .sort((a, b) => phusong.names.strays(a) - phusong.names.strays(b));

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
  const [x0, y0] = [name.world[0] * scale, name.world[1] * scale];
  for (const step of this.SHIFTS) {
    const shift = [step[0] * half, step[1] * style.size];
    const [x, y] = [x0 + shift[0], y0 + shift[1]];
    const box = [x - half, y - style.size * 0.7, x + half, y + style.size * 0.7];
    if (best && this.strays(step) * 0.25 >= best.cost) break;
    if ((step[0] || step[1]) && !name.home(x / scale, y / scale)) continue; // a name keeps to its place
    if (taken.some((other) => phusong.overlaps(box, other))) continue;
    const covered = markers.filter((marker) => phusong.overlaps(box, marker)).length;
    const cost = covered + 0.25 * this.strays(step);
    if (!best || cost < best.cost) best = { box, shift, covered, cost };
  }
  // The name of a commune is left out rather than laid over a marker.
  return best && (name.kind === "district" || best.covered < 1) ? best : null;
};

phusong.names.draw = function (context, view) {
  if (!phusong.state.show.has("names")) return;
  this.layout(context, view);
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  for (const name of this.shown) {
    const [middle, centre] = view.at(...name.world);
    const [x, y] = [middle + name.shift[0], centre + name.shift[1]];
    context.font = name.style.font;
    context.letterSpacing = name.style.spacing + "px";
    phusong.names.write(context, name.text, x, y, name.style.colour);
  }
  context.letterSpacing = "0px";
};

phusong.names.write = function (context, text, x, y, colour) {
  context.strokeStyle = "rgba(255, 253, 247, 0.9)";
  context.lineWidth = 3.4;
  context.strokeText(text, x, y);
  context.fillStyle = colour;
  context.fillText(text, x, y);
};

// What is chosen is named at every zoom, over all markers.
phusong.names.drawChosen = function (context, view, { kind, record }) {
  const text = { candidate: () => `${record.rank} · ${record.site_id}`, zone: () => record.name, site: () => record.site_id,
    compared: () => record.site_id, commune: () => record.full_name, district: () => record.name }[kind];
  if (!text) return;
  const [west, north, east, south] = record.box || [];
  const at = record.world || (record.box ? [(west + east) / 2, north] : phusong.world(...record.label));
  const [x, y] = view.at(...at);
  context.font = `650 13px ${phusong.FONT}`;
  context.textAlign = "center";
  context.textBaseline = "bottom";
  context.lineJoin = "round";
  this.write(context, text(), x, y - (record.box ? 5 : phusong.candidateRadius({ rank: 1 }, view.zoom) + 9), phusong.data.colours.ink);
};
