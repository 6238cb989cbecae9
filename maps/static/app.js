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
  if (button.id === "tab-legend") {
    phusong.state.legendOpen = true;
    phusong.legend.show();
  }
};

phusong.tabs.closeSheet = function () {
  if (!phusong.isCoarse()) return;
  document.body.dataset.sheet = "";
  for (const button of this.buttons) button.setAttribute("aria-selected", "false");
};

phusong.start = function (map) {
  phusong.map = map;
  phusong.read();
  phusong.startState();
  phusong.names.start();
  phusong.symbols.start(map);
  phusong.fitProvince();
  phusong.surface.start(map);
  phusong.controls.start();
  phusong.legend.show();
  phusong.search.start();
  phusong.ranking.start();
  phusong.about.start();
  phusong.tabs.start();
  phusong.pointer.start(map);
  phusong.tools(map);
  phusong.symbols.redraw();
  document.body.dataset.ready = "true";
};

// Show the whole province, clear of the legend and the search box.
phusong.fitProvince = function () {
  const [west, south, east, north] = phusong.data.bounds;
  const narrow = phusong.isCoarse();
  phusong.map.invalidateSize({ animate: false });
  phusong.map.fitBounds([[south, west], [north, east]], {
    paddingTopLeft: narrow ? [6, 60] : [62, 18],
    paddingBottomRight: narrow ? [6, 40] : [phusong.state.legendOpen ? 240 : 24, 40],
    animate: false,
  });
};

phusong.tools = function (map) {
  const { h, word } = phusong;
  const button = (label, mark, action) => h("button", { type: "button", "aria-label": label, title: label, onclick: action }, mark);
  const home = phusong.svg(16, 16, ["path", { d: "M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4", fill: "none", stroke: "currentColor", "stroke-width": 1.6 }]);
  const bar = h("div", { class: "zoom" },
    button(word.zoom_in, "+", () => map.zoomIn(1)), button(word.zoom_out, "\u2212", () => map.zoomOut(1)),
    button(word.whole_province, home, () => phusong.fitProvince()));
  map.getContainer().setAttribute("aria-label", word.map_label);
  map.getContainer().parentElement.append(bar);
  L.control.scale({ imperial: false, maxWidth: 130, position: "bottomleft" }).addTo(map);
  document.getElementById("notice").addEventListener("click", () => {
    phusong.tabs.open(document.getElementById("tab-about"), true);
    document.getElementById("about-data").scrollIntoView({ block: "start" });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    phusong.deselect();
    phusong.tabs.closeSheet();
  });
};

// What lies under the pointer: stations first, then sites, zones, holes, communes.
phusong.pointer = {};

phusong.pointer.start = function (map) {
  map.on("click", (event) => {
    phusong.tabs.closeSheet();
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
  const candidate = phusong.candidates.find((c) => phusong.candidateShown(c)
    && near(view.at(...c.world), phusong.candidateRadius(c, zoom) + slack));
  if (candidate) return { kind: "candidate", record: candidate };
  return phusong.network.hit(point, view, slack) || this.area(latlng);
};

phusong.pointer.area = function (latlng) {
  const { state } = phusong;
  const [x, y] = phusong.world(latlng.lng, latlng.lat);
  const zone = phusong.zones.find((z) => state.zones.has(z.kind) && phusong.holds(z, x, y));
  if (zone) return { kind: "zone", record: zone };
  const hole = state.show.has("holes") && phusong.holes.find((one) => phusong.holds(one, x, y));
  if (hole) return { kind: "hole", record: hole };
  const commune = phusong.communes.find((c) => phusong.holds(c, x, y));
  return commune ? { kind: "commune", record: commune } : null;
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
  const [title, detail] = this.words(hit);
  tip.replaceChildren(h("b", null, title), detail ? h("span", null, detail) : "", value ? h("span", { class: "value" }, value) : "");
  const left = mouse.clientX + 14 + tip.offsetWidth > window.innerWidth ? mouse.clientX - tip.offsetWidth - 12 : mouse.clientX + 14;
  tip.style.transform = `translate(${left}px, ${Math.max(4, mouse.clientY - tip.offsetHeight - 10)}px)`;
};

phusong.pointer.words = function ({ kind, record }) {
  const { word, state } = phusong;
  const people = phusong.unit(record.people_gained, 0, "people");
  const column = phusong.SHARE_OF[state.surface];
  switch (kind) {
    case "candidate": return [`${word.rank} ${record.rank} · ${record.site_id}`, `${record.year} · +${people}`];
    case "site": return [record.site_id, `${record.operator} · ${record.technologies}`];
    case "circle": return [phusong.fill(word.sites_near, { count: phusong.number(record.count) }), word.press_to_enter];
    case "zone": return [record.name, word["zone_" + record.kind]];
    case "hole": return [word.hole, phusong.unit(record.people, 0, "people")];
    default: return [record.full_name || record.name, column ? `${word.people_covered}: ${phusong.percent(record[column])}` : phusong.districtName(record.district_code)];
  }
};

phusong.pointer.leave = function () {
  document.getElementById("tip").hidden = true;
  document.getElementById("readout").textContent = "";
  this.last = null;
};

phusong.pointer.readout = function ({ lng, lat }) {
  const { centre, x, y } = phusong.data.polynomial;
  const [a, b] = [lng - centre[0], lat - centre[1]];
  const terms = [];
  for (let i = 0; i < 4; i += 1) for (let j = 0; j < 4 - i; j += 1) terms.push(a ** i * b ** j);
  const sum = (list) => terms.reduce((total, term, i) => total + term * list[i], 0);
  const degrees = (value) => phusong.number(value, 5) + "°";
  document.getElementById("readout").textContent = `${degrees(lat)} ${phusong.word.north}  ${degrees(lng)} ${phusong.word.east}`
    + `  ·  VN-2000 ${phusong.number(sum(x))} ${phusong.word.east}  ${phusong.number(sum(y))} ${phusong.word.north}`;
};
