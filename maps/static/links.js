"use strict";
// The backhaul of the proposed stations: fibre drawn through, microwave dashed.
phusong.LINK_STYLES = {
  fibre: { colour: "#b3541e", dash: [], width: 2.6 },
  microwave: { colour: "#16697a", dash: [7, 4], width: 2.2 },
  upgrade: { colour: "#16697a", dash: [2, 3], width: 2.2 },
};

phusong.startLinks = function () {
  phusong.links = phusong.shaped(phusong.records(phusong.data.links));
};

phusong.linkStyle = (link) => phusong.LINK_STYLES[link.kind] || { colour: phusong.data.colours.ink, dash: [], width: 2 };

// The chosen link is drawn even where the layer is off.
phusong.symbols.drawLinks = function (context, view) {
  const { show, selected } = phusong.state;
  const chosen = selected && selected.kind === "backhaul" ? [selected.record] : [];
  context.lineCap = "butt";
  for (const link of show.has("backhaul") ? phusong.links : chosen) {
    const { colour, dash, width } = phusong.linkStyle(link);
    phusong.trace(context, view, link.parts, false);
    context.setLineDash([]);
    context.strokeStyle = chosen.includes(link) ? phusong.data.colours.ink : "rgba(255, 253, 247, 0.9)";
    context.lineWidth = width + (chosen.includes(link) ? 4 : 2.2);
    context.stroke();
    context.setLineDash(dash);
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.stroke();
  }
  context.setLineDash([]);
};

// The link that passes nearest to a point of the layer, within reach.
phusong.linkAt = function (point, view, slack) {
  if (!phusong.state.show.has("backhaul")) return null;
  return phusong.pointer.nearest(phusong.links, (link) => {
    const away = Math.min(...link.parts.map((part) => phusong.distanceTo(part, point, view)));
    return away <= 3 + slack ? away : Infinity;
  });
};

// Pixels from a point to a line given as x, y, x, y, ... in mercator units.
phusong.distanceTo = function (line, point, view) {
  let least = Infinity;
  for (let i = 2; i < line.length; i += 2) {
    const a = L.point(view.at(line[i - 2], line[i - 1]));
    const b = L.point(view.at(line[i], line[i + 1]));
    least = Math.min(least, L.LineUtil.pointToSegmentDistance(L.point(point.x, point.y), a, b));
  }
  return least;
};

phusong.linkName = (link) => phusong.word["link_" + link.kind] || link.kind;

phusong.legend.linkMark = function (kind) {
  const { colour, dash, width } = phusong.linkStyle({ kind });
  return phusong.svg(22, 12, ["path", {
    d: "M1 6H21", stroke: colour, "stroke-width": width, "stroke-dasharray": dash.join(" ") || "none", fill: "none",
  }]);
};

phusong.legend.links = function () {
  const { h, word, state } = phusong;
  if (!state.show.has("backhaul") || !phusong.links.length) return null;
  const kinds = [...new Set(phusong.links.map((link) => link.kind))];
  return h("section", null, h("h3", null, word.backhaul),
    h("ul", null, kinds.map((kind) => this.item(this.linkMark(kind), phusong.linkName({ kind })))));
};

phusong.card.backhaul = function (link) {
  const { word } = phusong;
  return {
    eyebrow: word.backhaul_short,
    title: phusong.linkName(link),
    subtitle: `${link.from_id} – ${link.to_id}`,
    content: [this.facts([
      [word.link_length, phusong.unit(link.length_m / 1000, 2, "km")],
      [word.costs, phusong.money(link.cost_million)],
      [word.link_stations, phusong.number(link.stations)],
      [word.link_ends, this.linkEnds(link)],
    ])],
  };
};

// The links that end at a station, each leading to its card.
phusong.card.linksOf = function (station) {
  const ends = new Set([station.position_id, station.site_id]);
  const found = phusong.links.filter((link) => ends.has(link.from_id) || ends.has(link.to_id));
  if (!found.length) return null;
  return phusong.h("ul", null, found.map((link) => phusong.h("li", null, this.link(
    `${phusong.linkName(link)}, ${phusong.unit(link.length_m / 1000, 2, "km")}`,
    () => phusong.select("backhaul", link, { zoom: true })))));
};

// The ends of a link; an end where the plan builds a station leads to it.
phusong.card.linkEnds = function (link) {
  const { h } = phusong;
  return h("span", null, [link.from_id, link.to_id].map((id, place) => {
    const station = phusong.candidates.find((c) => c.position_id === id || c.site_id === id);
    const end = station ? this.link(phusong.stationName(station), () => phusong.select("candidate", station, { zoom: true })) : id;
    return [place ? " – " : null, end];
  }).flat());
};
