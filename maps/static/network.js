"use strict";
// Existing sites: found through a grid over the province; drawn one by one where there is room,
// else as circles that count them.
phusong.network = { BUSY: 4000, CIRCLE_PX: 46, laid: {} };

phusong.liveRadius = (zoom) => Math.min(8, Math.max(4.5, 4.5 + (zoom - 10) * 0.8)) + 1.5;

// The two sets of sites: what is in them now, how a site and a circle of them look.
phusong.network.SETS = {
  sites: {
    has: (site) => phusong.siteShown(site),
    reach: (zoom) => phusong.siteRadius(zoom),
    draw: (context, x, y, site, zoom) => phusong.network.dot(context, x, y, phusong.siteRadius(zoom), phusong.data.colours.operators[site.operator]),
    colour: () => {
      const [only, ...others] = phusong.state.operators;
      return others.length ? "#4a5963" : phusong.data.colours.operators[only];
    },
  },
  live: {
    has: (site) => site.live5g && phusong.state.show.has("live_5g"),
    reach: () => 8,
    draw: (context, x, y, site, zoom) => phusong.network.star(context, x, y, phusong.liveRadius(zoom)),
    colour: () => phusong.data.colours.live_5g,
  },
};

// What is shown has changed: count anew.
phusong.network.forget = function () {
  this.laid = {};
};

phusong.network.start = function () {
  const on = new Map();
  for (const site of phusong.sites) {
    site.world = phusong.world(...site.position);
    site.live5g = /(^|\/)5G($|\/)/.test(site.technologies || "");
    if (!on.has(site.position_id)) on.set(site.position_id, []);
    site.mast = on.get(site.position_id);
    site.place = site.mast.push(site) - 1;
  }
  this.grid = this.gridded(phusong.sites);
};

// About four points a cell; those of cell k are order[starts[k]] to order[starts[k + 1] - 1].
phusong.network.gridded = function (sites) {
  const box = sites.length ? phusong.boundsOf(sites.map((site) => site.world)) : [0, 0, 0, 0];
  const step = Math.max(box[2] - box[0], box[3] - box[1], 1e-9) / Math.ceil(Math.sqrt(sites.length / 4) || 1);
  const grid = { west: box[0], north: box[1], step, columns: Math.floor((box[2] - box[0]) / step) + 1, rows: Math.floor((box[3] - box[1]) / step) + 1 };
  const cells = sites.map(({ world: [x, y] }) => Math.floor((y - grid.north) / step) * grid.columns + Math.floor((x - grid.west) / step));
  grid.starts = new Uint32Array(grid.columns * grid.rows + 1);
  for (const cell of cells) grid.starts[cell + 1] += 1;
  for (let k = 0; k < grid.starts.length - 1; k += 1) grid.starts[k + 1] += grid.starts[k];
  const next = grid.starts.slice();
  grid.order = new Array(sites.length);
  sites.forEach((site, i) => { grid.order[next[cells[i]]++] = site; });
  return grid;
};

// The sites of the cells that a box in mercator units touches.
phusong.network.within = function ([west, north, east, south]) {
  const { grid } = this;
  const column = (x) => Math.floor((x - grid.west) / grid.step);
  const row = (y) => Math.floor((y - grid.north) / grid.step);
  const [first, last] = [Math.max(0, column(west)), Math.min(grid.columns - 1, column(east))];
  const found = [];
  for (let r = Math.max(0, row(north)); r <= Math.min(grid.rows - 1, row(south)) && first <= last; r += 1) {
    const end = grid.starts[r * grid.columns + last + 1];
    for (let k = grid.starts[r * grid.columns + first]; k < end; k += 1) found.push(grid.order[k]);
  }
  return found;
};

// The circles of a set at a zoom; none where a full screen holds no more sites than are drawn
// quickly. The answer does not change while the map is moved.
phusong.network.circles = function (name, zoom) {
  const set = this.SETS[name];
  const level = Math.floor(2 * zoom) / 2;
  if (this.laid[name]?.level === level) return this.laid[name].circles;
  const sites = phusong.sites.filter(set.has);
  const pixel = 1 / (256 * 2 ** level);
  const [fullest] = this.counted(sites, pixel * Math.max(window.innerWidth, window.innerHeight));
  const busy = fullest && fullest.count > this.BUSY;
  this.laid[name] = { level, circles: busy ? this.counted(sites, pixel * this.CIRCLE_PX) : [] };
  return this.laid[name].circles;
};

// Sites by squares of a size in mercator units, fullest first: number, mean place, radius of the
// circle, and one of the sites.
phusong.network.counted = function (sites, size) {
  const squares = new Map();
  for (const site of sites) {
    const [x, y] = site.world;
    const key = Math.floor(y / size) * 2 ** 26 + Math.floor(x / size);
    const square = squares.get(key);
    if (square) {
      square.count += 1;
      square.x += x;
      square.y += y;
    } else squares.set(key, { count: 1, x, y, site });
  }
  const circles = [...squares.values()].map(({ count, x, y, site }) => ({ count, site, world: [x / count, y / count] }));
  circles.sort((a, b) => b.count - a.count);
  const most = circles.length ? circles[0].count : 1;
  for (const circle of circles) circle.radius = 7 + ((this.CIRCLE_PX / 2 - 7) * Math.sqrt(circle.count / most));
  return circles;
};

phusong.network.draw = function (context, view) {
  for (const [name, set] of Object.entries(this.SETS)) {
    const circles = this.circles(name, view.zoom);
    if (circles.length) this.drawCircles(context, view, circles, set);
    else this.drawSites(context, view, set);
  }
};

phusong.network.drawSites = function (context, view, set) {
  for (const site of this.within(view.box)) {
    if (!set.has(site)) continue;
    set.draw(context, ...phusong.sitePixel(site, view), site, view.zoom);
  }
};

phusong.inside = ([x, y], [west, north, east, south]) => x >= west && x <= east && y >= north && y <= south;

// Paper with a rim, unlike the filled stations of the plan, whose numbers are ranks.
phusong.network.drawCircles = function (context, view, circles, set) {
  const { ink, paper } = phusong.data.colours;
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (let i = circles.length - 1; i >= 0; i -= 1) {
    const { count, world, radius, site } = circles[i];
    if (!phusong.inside(world, view.box)) continue;
    const [x, y] = view.at(...world);
    if (count === 1) {
      set.draw(context, x, y, site, view.zoom);
      continue;
    }
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fillStyle = paper + "e0";
    context.strokeStyle = set.colour();
    context.lineWidth = 1.5;
    context.fill();
    context.stroke();
    const text = phusong.number(count);
    const size = Math.min(12, Math.floor((2 * radius - 3) / (0.58 * text.length)));
    if (size < 8) continue;
    context.fillStyle = ink;
    context.font = `600 ${size}px ${phusong.FONT}`;
    context.fillText(text, x, y + 0.5);
  }
};

phusong.network.dot = function (context, x, y, radius, colour) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = colour;
  context.fill();
  if (radius <= 2.4) return;
  context.lineWidth = 0.9;
  context.strokeStyle = "#ffffff";
  context.stroke();
};

phusong.network.star = function (context, x, y, radius) {
  phusong.star(context, x, y, radius);
  context.fillStyle = phusong.data.colours.live_5g;
  context.strokeStyle = "#ffffff";
  context.lineWidth = 1.6;
  context.lineJoin = "round";
  context.stroke();
  context.fill();
};

// The site or circle under a point of the layer, nearest first; null where there is none.
phusong.network.hit = function (point, view, slack) {
  const box = this.square(point, view, this.CIRCLE_PX / 2);
  const near = Object.entries(this.SETS).flatMap(([name, set]) => {
    const circles = this.circles(name, view.zoom);
    const single = (site, at) => ({ kind: "site", record: site, at, reach: set.reach(view.zoom) + slack });
    if (!circles.length) return this.within(box).filter(set.has).map((site) => single(site, phusong.sitePixel(site, view)));
    return circles.filter((circle) => phusong.inside(circle.world, box)).map((circle) => {
      const at = view.at(...circle.world);
      return circle.count === 1 ? single(circle.site, at) : { kind: "circle", record: circle, at, reach: circle.radius };
    });
  });
  for (const place of near) place.away = Math.hypot(place.at[0] - point.x, place.at[1] - point.y);
  const [nearest] = near.filter((place) => place.away <= place.reach).sort((a, b) => a.away - b.away);
  return nearest || null;
};

// The square in mercator units that reaches so many pixels from a point.
phusong.network.square = function ({ x, y }, { origin, scale }, reach) {
  return [x - reach + origin.x, y - reach + origin.y, x + reach + origin.x, y + reach + origin.y].map((edge) => edge / scale);
};

// Come so much nearer that a circle falls apart.
phusong.network.enter = function (circle) {
  const [south, west] = phusong.degrees(circle.world);
  phusong.map.setView([south, west], Math.min(phusong.map.getZoom() + 1.5, phusong.map.getMaxZoom()));
};
