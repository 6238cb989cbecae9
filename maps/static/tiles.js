"use strict";
// OpenStreetMap under the themes: off until the reader asks, the only thing that uses the network.
phusong.tiles = { on: false };

phusong.tiles.control = function () {
  const { h, word } = phusong;
  const input = h("input", { type: "checkbox", id: "online" });
  input.addEventListener("change", () => this.show(input.checked));
  return h("div", null,
    h("label", { class: "choice" }, input, h("span", { class: "text" }, word.online)),
    h("p", { class: "note" }, word.online_note));
};

phusong.tiles.show = function (on) {
  const { map, data, word } = phusong;
  if (on && !this.layer) {
    const pane = map.createPane("tiles");
    pane.style.zIndex = 160;
    this.layer = L.tileLayer(data.tiles.url, { pane: "tiles", maxZoom: 19 });
    this.layer.on("tileerror", () => phusong.say(word.online_failed));
  }
  // The tile servers refuse pages that do not say where they come from, and a file does not.
  if (on && location.protocol === "file:") phusong.say(word.online_file);
  if (on) this.layer.addTo(map);
  else if (this.layer) this.layer.remove();
  this.on = on;
  this.credit(on);
};

phusong.tiles.credit = function (on) {
  const { h, data, word } = phusong;
  if (this.credited) this.credited.remove();
  this.credited = on ? h("a", { class: "credit", href: data.tiles.licence, target: "_blank", rel: "noopener" }, word.about_openstreetmap) : null;
  if (on) phusong.map.getContainer().append(this.credited);
};
