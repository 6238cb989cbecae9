"use strict";
// Points and lines: boundaries, zones, coverage holes, existing sites, proposed stations.
phusong.symbols = {};

phusong.symbols.start = function (map) {
  const { data } = phusong;
  this.map = map;
  phusong.shaped(phusong.communes);
  phusong.shaped(phusong.zones);
  phusong.shaped(phusong.holes);
  phusong.placed(phusong.candidates);
  phusong.network.start();
  this.lines = Object.fromEntries(
    Object.entries(data.boundaries).map(([name, geometry]) => [name, phusong.parts(geometry)]),
  );
  for (const [place, name] of ["areas", "network", "plan"].entries()) {
    map.createPane(name).style.zIndex = [300, 400, 500][place];
    this[name] = new phusong.DrawCanvas({ pane: name, draw: (c, v) => this["draw_" + name](c, v) });
    this[name].addTo(map);
  }
};

phusong.symbols.redraw = function () {
  for (const name of ["areas", "network", "plan"]) this[name].redraw();
};

phusong.symbols.draw_areas = function (context, view) {
  const { state } = phusong;
  context.lineJoin = "round";
  if (state.show.has("holes")) this.drawHoles(context, view);
  this.drawLines(context, view);
  for (const zone of phusong.zones) {
    if (state.zones.has(zone.kind)) this.drawZone(context, view, zone);
  }
  this.drawLinks(context, view);
  this.drawSelected(context, view);
};

phusong.symbols.drawLines = function (context, view) {
  const { show } = phusong.state;
  const near = Math.max(0, view.zoom - 10);
  const line = (name, colour, width, dash) => {
    phusong.trace(context, view, this.lines[name], false);
    context.setLineDash(dash);
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.stroke();
  };
  if (show.has("roads")) line("roads", "rgba(122, 88, 44, 0.6)", 0.5 + 0.22 * near, []);
  if (show.has("commune_lines")) line("communes", "rgba(52, 66, 76, 0.42)", 0.55 + 0.12 * near, []);
  if (show.has("district_lines")) {
    line("districts", "rgba(255, 253, 247, 0.75)", 3.2 + 0.3 * near, []);
    line("districts", "rgba(34, 48, 58, 0.85)", 1.25 + 0.2 * near, []);
    line("province", "rgba(34, 48, 58, 0.14)", 6 + near, []);
    line("province", "rgba(34, 48, 58, 0.95)", 1.7 + 0.2 * near, []);
  }
  context.setLineDash([]);
};

phusong.symbols.drawHoles = function (context, view) {
  context.fillStyle = this.hatch(context);
  context.strokeStyle = phusong.data.colours.hole;
  context.lineWidth = 0.8;
  for (const hole of phusong.holes) {
    phusong.trace(context, view, hole.parts, true);
    context.fill("evenodd");
    context.globalAlpha = 0.7;
    context.stroke();
    context.globalAlpha = 1;
  }
};

phusong.symbols.hatch = function (context) {
  if (this.hatching) return this.hatching;
  const tile = document.createElement("canvas");
  tile.width = 6;
  tile.height = 6;
  const pen = tile.getContext("2d");
  pen.strokeStyle = phusong.data.colours.hole;
  pen.globalAlpha = 0.55;
  pen.lineWidth = 0.9;
  pen.beginPath();
  for (const shift of [-6, 0, 6]) {
    pen.moveTo(shift - 1, 7);
    pen.lineTo(shift + 7, -1);
  }
  pen.stroke();
  this.hatching = context.createPattern(tile, "repeat");
  return this.hatching;
};

phusong.symbols.drawZone = function (context, view, zone) {
  const colour = phusong.data.colours.zones[zone.kind] || phusong.data.colours.ink;
  phusong.trace(context, view, zone.parts, true);
  context.fillStyle = colour + "26";
  context.fill("evenodd");
  context.strokeStyle = colour;
  context.lineWidth = view.zoom < 12 ? 1.1 : 1.6;
  context.stroke();
};

phusong.symbols.drawSelected = function (context, view) {
  const chosen = phusong.state.selected;
  if (!chosen || !chosen.record.parts || chosen.kind === "backhaul") return;
  phusong.trace(context, view, chosen.record.parts, true);
  context.strokeStyle = "#fffdf7";
  context.lineWidth = 5;
  context.stroke();
  context.strokeStyle = phusong.data.colours.ink;
  context.lineWidth = 2.4;
  context.stroke();
};

// Existing sites

phusong.siteRadius = (zoom) => Math.min(6, Math.max(1.5, 1.5 + (zoom - 10) * 0.75));

phusong.technologiesOf = (site) => (site.technologies || "").split("/");

// A site whose technologies are not known is shown with every choice of them.
phusong.siteShown = function (site) {
  const { operators, technologies } = phusong.state;
  return operators.has(site.operator)
    && (!site.technologies || phusong.technologiesOf(site).some((name) => technologies.has(name)));
};

// Sites on one mast stand around it once there is room.
phusong.sitePixel = function (site, view) {
  const [x, y] = view.at(...site.world);
  const radius = phusong.siteRadius(view.zoom);
  if (site.mast.length < 2 || radius < 2.6) return [x, y];
  const turn = (2 * Math.PI * site.place) / site.mast.length;
  return [x + radius * Math.cos(turn), y + radius * Math.sin(turn)];
};

phusong.symbols.draw_network = function (context, view) {
  this.drawPlaces(context, view);
  phusong.network.draw(context, view);
  phusong.names.draw(context, view);
};

phusong.star = function (context, x, y, radius) {
  context.beginPath();
  for (let i = 0; i < 10; i += 1) {
    const length = i % 2 ? radius * 0.45 : radius;
    const turn = (Math.PI * i) / 5 - Math.PI / 2;
    context[i ? "lineTo" : "moveTo"](x + length * Math.cos(turn), y + length * Math.sin(turn));
  }
  context.closePath();
};

// Proposed stations

// The stations on the map: those of the shown years.
phusong.candidateShown = (candidate) => phusong.state.years.has(String(candidate.year))
  && phusong.years.built(candidate);

phusong.shownStations = () => phusong.candidates.filter(phusong.candidateShown);

// By year of build; what the plan does not build is hollow.
phusong.stationColour = (station) => phusong.data.colours.years[String(station.year)] || "#fffdf7";

phusong.candidateRadius = function (candidate, zoom) {
  const base = Math.min(11, Math.max(3.8, 3.8 + (zoom - 10.4) * 1.9));
  return candidate.rank <= 10 ? Math.max(base, 8) : base;
};

phusong.symbols.draw_plan = function (context, view) {
  const stations = phusong.shownStations();
  for (let i = stations.length - 1; i >= 0; i -= 1) this.drawCandidate(context, view, stations[i], false);
  const chosen = phusong.state.selected;
  if (chosen && chosen.kind === "candidate") this.drawCandidate(context, view, chosen.record, true);
  if (chosen && chosen.kind === "compared") this.ring(context, view.at(...chosen.record.world), phusong.placeRadius(view.zoom) + 5);
  if (chosen && chosen.kind === "site") this.ring(context, phusong.sitePixel(chosen.record, view), 9);
  if (chosen && chosen.kind === "point") this.ring(context, view.at(...chosen.record.world), 6);
  if (chosen) phusong.names.drawChosen(context, view, chosen);
};

phusong.symbols.drawCandidate = function (context, view, candidate, selected) {
  const [x, y] = view.at(...candidate.world);
  const radius = phusong.candidateRadius(candidate, view.zoom) + (selected ? 2 : 0);
  const colour = phusong.stationColour(candidate);
  if (selected) this.ring(context, [x, y], radius + 4.5);
  context.beginPath();
  phusong.candidateShape(context, candidate.kind, x, y, radius);
  context.fillStyle = colour;
  context.fill();
  context.strokeStyle = phusong.edge(colour);
  context.lineWidth = radius > 7 ? 1.5 : 1;
  context.stroke();
  if (radius < 7.5) return;
  context.fillStyle = phusong.readable(colour);
  const size = String(candidate.rank).length > 2 ? radius * 0.86 : radius * 1.05;
  context.font = `600 ${size}px ${phusong.FONT}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(String(candidate.rank), x, y + 0.5);
};

phusong.candidateShape = function (context, kind, x, y, radius) {
  if (kind !== "new") {
    context.arc(x, y, radius, 0, 2 * Math.PI);
    return;
  }
  const side = radius * 1.3;
  context.moveTo(x, y - side);
  context.lineTo(x + side, y);
  context.lineTo(x, y + side);
  context.lineTo(x - side, y);
  context.closePath();
};

phusong.symbols.ring = function (context, [x, y], radius) {
  for (const [colour, width] of [["#fffdf7", 5], [phusong.data.colours.ink, 2.2]]) {
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.stroke();
  }
};

// The edge that sets a colour off from any ground: white, or brown round a light colour.
phusong.edge = (colour) => (phusong.readable(colour) === "#ffffff" ? "#ffffff" : "#8a5a1f");

// White or ink, whichever reads better on a colour.
phusong.readable = function (colour) {
  const [red, green, blue] = phusong.rgb(colour);
  return 0.299 * red + 0.587 * green + 0.114 * blue > 150 ? "#22303a" : "#ffffff";
};
