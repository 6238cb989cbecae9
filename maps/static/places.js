"use strict";
// The places that the plan compared, in the colour of its year where the plan builds.
phusong.startPlaces = function () {
  phusong.places = phusong.unpacked(phusong.data.places);
  const stations = new Map(phusong.candidates.map((candidate) => [candidate.site_id, candidate]));
  for (const place of phusong.places) {
    place.position = [place.lon, place.lat];
    place.station = stations.get(place.site_id) || null;
    place.year = place.station ? place.station.year : null;
    place.district_code = (phusong.communeByCode.get(place.commune_code) || {}).district_code;
    place.cost_million = place.capex_million + place.backhaul_million;
  }
  phusong.placed(phusong.places);
  phusong.placeById = new Map(phusong.places.map((place) => [place.site_id, place]));
};

phusong.placeRadius = (zoom) => Math.min(7, Math.max(1.9, 1.9 + (zoom - 10) * 1.1));

phusong.placeColour = (place) => (place.station ? phusong.stationColour(place.station) : phusong.data.colours.other);

// Those of the plan are drawn last, on top.
phusong.symbols.drawPlaces = function (context, view) {
  if (!phusong.state.show.has("places")) return;
  const radius = phusong.placeRadius(view.zoom);
  context.lineWidth = 0.8;
  context.strokeStyle = "rgba(34, 48, 58, 0.75)";
  const edged = radius > 3;
  const { places } = phusong;
  for (let i = places.length - 1; i >= 0; i -= 1) {
    const [x, y] = view.at(...places[i].world);
    context.beginPath();
    context.rect(x - radius, y - radius, 2 * radius, 2 * radius);
    context.fillStyle = phusong.placeColour(places[i]);
    context.fill();
    if (edged) context.stroke();
  }
};

// The place whose square is under a point of the layer.
phusong.placeAt = function (point, view, slack) {
  if (!phusong.state.show.has("places")) return null;
  const reach = 1.2 * phusong.placeRadius(view.zoom) + slack;
  return phusong.pointer.nearest(phusong.places, (place) => {
    const [x, y] = view.at(...place.world);
    const away = Math.hypot(x - point.x, y - point.y);
    return away <= reach ? away : Infinity;
  });
};

phusong.legend.places = function () {
  const { h, word, state } = phusong;
  if (!state.show.has("places") || !phusong.places.length) return null;
  return h("section", null, h("h3", null, word.legend_places), h("ul", null,
    this.item(this.placeMark(phusong.places.find((place) => place.station)), word.place_chosen), this.item(this.placeMark(), word.place_not_chosen)));
};

phusong.legend.placeMark = (place = {}) => phusong.svg(16, 16,
  ["rect", { x: 4, y: 4, width: 8, height: 8, fill: phusong.placeColour(place), stroke: phusong.data.colours.ink }]);

// Where the nearest station of the plan stands: {station, distance_m}, or null.
phusong.nearestStation = function (place) {
  const [lon, lat] = place.position;
  const away = (c) => phusong.map.distance([lat, lon], [c.position[1], c.position[0]]);
  const station = phusong.pointer.nearest(phusong.candidates, away);
  return station && { station, distance_m: away(station) };
};

phusong.card.compared = function (place) {
  const { h, word } = phusong;
  const { station } = place;
  return {
    eyebrow: word.compared_place,
    badge: h("i", { class: "dot large square", style: `background:${phusong.placeColour(place)}` }),
    title: place.site_id,
    subtitle: `${word[place.kind] || place.kind} · ${word[station ? "place_chosen" : "place_not_chosen"]}`,
    content: [
      this.placeFate(place),
      phusong.sketch.inCard(place.site_id),
      this.section(word.alone, this.facts([...this.added(place), [word.criterion_policy, phusong.number(place.policy_priority, 2)]])),
      this.section(word.costs, this.facts(this.costs(place))),
      this.facts([
        [word.place, this.communeLink(place.commune_code)],
        [word.zone, place.zone_id ? this.zoneLink(place.zone_id) : null],
        [word.operator, place.operator],
        [word.position, place.position_id],
        [word.height, phusong.unit(place.height_m, 0, "m")],
        [word.mast_class, place.mast_class],
      ]),
      this.siteList(word.site_list, phusong.sites.filter((s) => s.position_id === place.position_id)),
    ],
  };
};

// Whether a place was chosen, why it need not be, and how often redrawn plans build it.
phusong.card.placeFate = function (place) {
  const { h, word } = phusong;
  const { station } = place;
  const near = station ? null : phusong.nearestStation(place);
  const open = (one) => this.link(phusong.stationName(one), () => phusong.select("candidate", one, { zoom: true }));
  return [
    station ? null : h("p", { class: "reason" }, word.place_why),
    this.facts([
      [word.plan_rank, station ? open(station) : word.place_not_chosen],
      [word.nearest_station, near ? h("span", null, open(near.station), ` · ${phusong.unit(near.distance_m, 0, "m")}`) : null],
      [word.probability_built, phusong.percent(place.probability_top_n, 0)],
      [word.nearby_built, phusong.percent(place.probability_nearby, 0)],
    ]),
  ];
};

phusong.stationName = (station) => `${phusong.word.rank} ${station.rank} · ${station.site_id}`;
