"use strict";
// Two themes side by side: a divider that is dragged, or moved with the arrow keys.
phusong.swipe = {};

// The theme that stands to the left of another when a comparison begins.
phusong.swipe.partner = function (surface) {
  const known = phusong.themes.list().map(({ name }) => name).filter((name) => name !== surface);
  return [(phusong.themes.of(surface) || {}).partner, ...known].find((name) => known.includes(name)) || "none";
};

phusong.swipe.start = function (map) {
  const { h, word } = phusong;
  this.map = map;
  this.labels = ["left", "right"].map((side) => h("div", { class: "side " + side }));
  this.handle = h("div", {
    class: "handle", role: "slider", tabindex: 0, "aria-label": word.divider, title: word.divider,
    "aria-orientation": "horizontal", "aria-valuemin": 0, "aria-valuemax": 100,
  }, phusong.svg(22, 14, ["path", { d: "M7 2 2 7l5 5M15 2l5 5-5 5", fill: "none", stroke: "currentColor", "stroke-width": 1.8 }]));
  this.divider = h("div", { class: "divider", hidden: true }, this.labels, this.handle);
  map.getContainer().append(this.divider);
  L.DomEvent.disableClickPropagation(this.divider);
  this.handle.addEventListener("pointerdown", (event) => this.handle.setPointerCapture(event.pointerId));
  this.handle.addEventListener("pointermove", (event) => {
    if (!this.handle.hasPointerCapture(event.pointerId)) return;
    const box = map.getContainer().getBoundingClientRect();
    this.moveTo((event.clientX - box.left) / box.width);
  });
  this.handle.addEventListener("pointerup", () => phusong.permalink.write());
  this.handle.addEventListener("keydown", (event) => this.key(event));
  map.on("move zoom viewreset resize", () => this.clip());
};

phusong.swipe.key = function (event) {
  const { at } = phusong.state;
  const step = event.shiftKey ? 0.1 : 0.02;
  const to = { ArrowLeft: at - step, ArrowRight: at + step, Home: 0, End: 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  this.moveTo(to);
  phusong.permalink.write();
};

phusong.swipe.moveTo = function (share) {
  phusong.state.at = Math.min(Math.max(share, 0), 1);
  this.clip();
};

// Begin or end the comparison.
phusong.swipe.toggle = function (on = !phusong.state.left) {
  phusong.state.left = on ? this.partner(phusong.state.surface) : null;
  phusong.refresh();
};

// Bring the divider to the state.
phusong.swipe.sync = function () {
  const { state, h } = phusong;
  this.divider.hidden = !state.left;
  if (state.left) {
    for (const [label, name] of [[this.labels[0], state.left], [this.labels[1], state.surface]]) {
      label.replaceChildren(h("b", null, phusong.themes.title(name)), h("small", null, phusong.themes.group(name)));
    }
  }
  this.clip();
};

// Cut the panes of both sides at the divider. Their coordinates move with the map.
phusong.swipe.clip = function () {
  const { left, at } = phusong.state;
  const size = this.map.getSize();
  const [west, east] = [0, size.x].map((x) => this.map.containerPointToLayerPoint([x, 0]));
  const x = west.x + at * size.x;
  const cut = (from, to) => (left
    ? `polygon(${[[from, west.y], [to, west.y], [to, west.y + size.y], [from, west.y + size.y]].map((p) => p.map((v) => v + "px").join(" ")).join()})` : "");
  for (const pane of phusong.surface.left.panes) this.map.getPane(pane).style.clipPath = cut(west.x, x);
  for (const pane of phusong.surface.right.panes) this.map.getPane(pane).style.clipPath = cut(x, east.x);
  this.divider.style.left = `${100 * at}%`;
  this.handle.setAttribute("aria-valuenow", String(Math.round(100 * at)));
};

phusong.swipe.isLeft = function (latlng) {
  if (!phusong.state.left) return false;
  return this.map.latLngToContainerPoint(latlng).x < phusong.state.at * this.map.getSize().x;
};
