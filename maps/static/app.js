"use strict";
// Start: put the parts together, and answer the pointer and the keyboard.
phusong.tabs = {};

phusong.tabs.start = function () {
  this.buttons = [...document.querySelectorAll(".tabs [role=tab]")];
  for (const button of this.buttons) button.addEventListener("click", () => this.open(button));
  document.querySelector(".tabs").addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const shown = this.buttons.filter((b) => b.offsetParent);
    const next = shown[(shown.indexOf(document.activeElement) + step + shown.length) % shown.length];
    next.focus();
    this.open(next, true);
  });
  if (phusong.isCoarse()) this.closeSheet();
};

// The name of the tab that is open; "" where its sheet is closed.
phusong.tabs.shown = function () {
  const open = this.buttons.find((button) => button.getAttribute("aria-selected") === "true");
  return open ? open.id.slice(4) : "";
};

// Open a tab; on a phone a second press closes its sheet again.
phusong.tabs.open = function (button, keep = false) {
  const sheet = document.body.dataset.sheet;
  const again = phusong.isCoarse() && sheet === button.id && !keep;
  if (again) {
    this.closeSheet();
    return;
  }
  if (phusong.isCoarse()) phusong.deselect();
  document.body.dataset.sheet = button.id;
  for (const other of this.buttons) {
    other.setAttribute("aria-selected", String(other === button));
    other.tabIndex = other === button ? 0 : -1;
    const page = document.getElementById(other.getAttribute("aria-controls"));
    if (page.classList.contains("page")) page.hidden = other !== button;
  }
  const panel = document.querySelector(".panel"); // scrolls in a low window
  if (!phusong.isCoarse() && panel.scrollHeight > panel.clientHeight) button.parentElement.scrollIntoView({ block: "start" });
  if (button.id === "tab-legend") {
    phusong.state.legendOpen = true;
    phusong.legend.show();
  }
  phusong.permalink.write();
};

phusong.tabs.closeSheet = function () {
  if (!phusong.isCoarse()) return;
  document.body.dataset.sheet = "";
  for (const button of this.buttons) button.setAttribute("aria-selected", "false");
};

phusong.start = function (map) {
  phusong.map = map;
  phusong.read();
  phusong.startPlaces();
  phusong.startLinks();
  phusong.weights.start();
  phusong.startState();
  phusong.names.start();
  phusong.symbols.start(map);
  phusong.laterUnits.start();
  phusong.fitProvince();
  phusong.surface.start(map);
  phusong.swipe.start(map);
  phusong.years.start();
  phusong.controls.start();
  phusong.legend.show();
  phusong.search.start();
  phusong.ranking.start();
  phusong.about.start();
  phusong.sketch.start();
  phusong.tabs.start();
  phusong.pointer.start(map);
  phusong.point.start(map);
  phusong.print.start(map);
  phusong.languages.start();
  phusong.tools(map);
  phusong.symbols.redraw();
  phusong.permalink.start(map);
  if (phusong.studio) phusong.studio.start(map);
  document.body.dataset.ready = "true";
};

// Show the whole province, clear of the legend and the search box.
phusong.fitProvince = function () {
  const [west, south, east, north] = phusong.data.bounds;
  const narrow = phusong.isCoarse();
  phusong.map.invalidateSize({ animate: false });
  phusong.map.fitBounds([[south, west], [north, east]], {
    paddingTopLeft: narrow ? [6, 60] : [62, 18],
    paddingBottomRight: narrow ? [54, 40] : [phusong.state.legendOpen ? 240 : 24, 40],
    animate: false,
  });
};

phusong.tools = function (map) {
  const { h, word } = phusong;
  const button = (label, mark, action) => h("button", { type: "button", "aria-label": label, title: label, onclick: action }, mark);
  const drawn = (path) => phusong.svg(16, 16, ["path", { d: path, fill: "none", stroke: "currentColor", "stroke-width": 1.6 }]);
  phusong.point.button = button(word.point_tool, drawn("M8 1v5M8 10v5M1 8h5M10 8h5"), () => phusong.point.pick());
  const bar = h("div", { class: "zoom" },
    button(word.zoom_in, "+", () => map.zoomIn(1)), button(word.zoom_out, "\u2212", () => map.zoomOut(1)),
    button(word.whole_province, drawn("M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4"), () => phusong.fitProvince()),
    phusong.point.button,
    button(word.swipe, drawn("M8 1v14M5 5 2 8l3 3M11 5l3 3-3 3"), () => phusong.swipe.toggle()),
    button(word.copy_link, drawn("M6.5 9.5l3-3M7 4.5l2-2a3 3 0 0 1 4.5 4.5l-2 2M9 11.5l-2 2a3 3 0 0 1-4.5-4.5l2-2"), () => {
      phusong.permalink.now();
      phusong.copy(location.href, word.link_copied);
    }),
    button(word.print, drawn("M4 6V2h8v4M4 12H2V6h12v6h-2M4 10h8v4H4z"), () => window.print()));
  map.getContainer().setAttribute("aria-label", word.map_label);
  map.getContainer().parentElement.append(bar);
  L.control.scale({ imperial: false, maxWidth: 130, position: "bottomleft" }).addTo(map);
  document.getElementById("notice").addEventListener("click", () => {
    phusong.tabs.open(document.getElementById("tab-about"), true);
    document.getElementById("about-data").scrollIntoView({ block: "start" });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    if (phusong.point.picking) phusong.point.pick(false);
    phusong.deselect();
    phusong.tabs.closeSheet();
  });
};

// What lies under the pointer: stations first, then sites, zones, holes, communes.
phusong.pointer = {};

phusong.pointer.start = function (map) {
  map.on("click", (event) => {
    phusong.tabs.closeSheet();
    if (phusong.point.picking) {
      phusong.point.choose(event.latlng);
      return;
    }
    const hit = this.hit(event.latlng);
    if (hit && hit.kind === "circle") phusong.network.enter(hit.record);
    else if (hit) phusong.select(hit.kind, hit.record);
    else phusong.deselect();
  });
  // A finger has no place to hover: only a mouse or pen gets tips and coordinates.
  map.getContainer().addEventListener("pointermove", (event) => { this.hovers = event.pointerType !== "touch"; });
  map.on("mousemove", (event) => {
    this.last = event;
    if (this.hovers && !this.waiting) {
      this.waiting = requestAnimationFrame(() => {
        this.waiting = null;
        this.hover(this.last);
      });
    }
  });
  map.on("mouseout", () => this.leave());
  map.on("movestart", () => this.leave());
};

phusong.pointer.hit = function (latlng) {
  const { map } = phusong;
  const zoom = map.getZoom();
  const point = map.latLngToLayerPoint(latlng);
  const view = this.view();
  const near = (at, radius) => Math.hypot(at[0] - point.x, at[1] - point.y) <= radius;
  const slack = phusong.isCoarse() ? 8 : 2.5;
  const station = phusong.shownStations().find((c) => near(view.at(...c.world), phusong.candidateRadius(c, zoom) + slack));
  if (station) return { kind: "candidate", record: station };
  const site = phusong.network.hit(point, view, slack);
  if (site) return site;
  const place = phusong.placeAt(point, view, slack);
  if (place) return { kind: "compared", record: place };
  const link = phusong.linkAt(point, view, slack);
  return link ? { kind: "backhaul", record: link } : this.area(latlng);
};

phusong.pointer.nearest = function (records, distance) {
  let best = null;
  let least = Infinity;
  for (const record of records) {
    const away = distance(record);
    if (away < least) {
      least = away;
      best = record;
    }
  }
  return best;
};

phusong.pointer.area = function (latlng) {
  const { state } = phusong;
  const [x, y] = phusong.world(latlng.lng, latlng.lat);
  const zone = phusong.zones.find((z) => state.zones.has(z.kind) && phusong.holds(z, x, y));
  if (zone) return { kind: "zone", record: zone };
  const hole = state.show.has("holes") && phusong.holes.find((one) => phusong.holds(one, x, y));
  if (hole) return { kind: "hole", record: hole };
  const commune = this.commune(latlng);
  return commune ? { kind: "commune", record: commune } : null;
};

phusong.pointer.commune = function ({ lng, lat }) {
  const [x, y] = phusong.world(lng, lat);
  return phusong.communes.find((c) => phusong.holds(c, x, y));
};

phusong.pointer.view = function () {
  const { map } = phusong;
  const origin = map.getPixelOrigin();
  const scale = map.options.crs.scale(map.getZoom());
  return { at: (x, y) => [x * scale - origin.x, y * scale - origin.y], zoom: map.getZoom(), scale, origin };
};

phusong.pointer.hover = async function (event) {
  const hit = this.hit(event.latlng);
  phusong.map.getContainer().classList.toggle("over", Boolean(hit));
  const value = await phusong.surface.valueAt(event.latlng);
  if (this.last !== event) return;
  this.tip(hit, event.originalEvent, value);
  this.readout(event.latlng);
};

phusong.pointer.tip = function (hit, mouse, value) {
  const { h } = phusong;
  const tip = document.getElementById("tip");
  tip.hidden = !hit;
  if (!hit) return;
  const [title, detail] = this.words(hit, phusong.surface.themeAt(this.last.latlng));
  tip.replaceChildren(h("b", null, title), detail ? h("span", null, detail) : "", value ? h("span", { class: "value" }, value) : "");
  const left = mouse.clientX + 14 + tip.offsetWidth > window.innerWidth ? mouse.clientX - tip.offsetWidth - 12 : mouse.clientX + 14;
  tip.style.transform = `translate(${left}px, ${Math.max(4, mouse.clientY - tip.offsetHeight - 10)}px)`;
};

phusong.pointer.words = function ({ kind, record }, theme) {
  const { word } = phusong;
  const people = phusong.unit(record.people_gained, 0, "people");
  switch (kind) {
    case "candidate": return [`${word.rank} ${record.rank} · ${record.site_id}`, `${record.year} · +${people}`];
    case "compared": return [record.site_id, `+${people} · ${word[record.station ? "place_chosen" : "place_not_chosen"]}`];
    case "backhaul": return [phusong.linkName(record), `${phusong.unit(record.length_m / 1000, 2, "km")} · ${phusong.money(record.cost_million)}`];
    case "site": return [record.site_id, `${record.operator} · ${record.technologies}`];
    case "circle": return [phusong.fill(word.sites_near, { count: phusong.number(record.count) }), word.press_to_enter];
    case "zone": return [record.name, word["zone_" + record.kind]];
    case "hole": return [word.hole, phusong.unit(record.people, 0, "people")];
    default: return [record.full_name || record.name, phusong.themes.shades(theme) ? `${word.people_covered}: ${phusong.percent(phusong.themes.share(theme, record))}` : phusong.districtName(record.district_code)];
  }
};

phusong.pointer.leave = function () {
  document.getElementById("tip").hidden = true;
  document.getElementById("readout").textContent = "";
  this.last = null;
};

phusong.pointer.readout = function (latlng) {
  const { word } = phusong;
  const [east, north] = phusong.point.planning(latlng);
  const degrees = (value) => phusong.number(value, 5) + "°";
  document.getElementById("readout").textContent = `${degrees(latlng.lat)} ${word.north}  ${degrees(latlng.lng)} ${word.east}`
    + `  ·  ${phusong.data.planning.name} ${phusong.number(east)} ${word.east}  ${phusong.number(north)} ${word.north}`;
};
