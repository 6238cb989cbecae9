"use strict";
// The card of a place: its coordinates in both systems, ready to be copied, and what the themes say.
phusong.point = { picking: false };

// Easting and northing on the planning grid, in metres.
phusong.point.planning = function ({ lng, lat }) {
  const { centre, x, y } = phusong.data.planning;
  const [a, b] = [lng - centre[0], lat - centre[1]];
  const terms = [];
  for (let i = 0; i < 4; i += 1) for (let j = 0; j < 4 - i; j += 1) terms.push(a ** i * b ** j);
  const sum = (list) => terms.reduce((total, term, i) => total + term * list[i], 0);
  return [sum(x), sum(y)];
};

phusong.point.start = function (map) {
  const container = map.getContainer();
  container.append(phusong.h("div", { class: "cross", "aria-hidden": "true" }));
  // A long press, or the second mouse button.
  map.on("contextmenu", (event) => this.choose(event.latlng));
  container.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target !== container) return;
    event.preventDefault();
    this.choose(map.getCenter());
  });
};

// Let the next press on the map choose a place instead of a thing.
phusong.point.pick = function (on = !this.picking) {
  this.picking = on;
  phusong.map.getContainer().classList.toggle("picking", on);
  this.button.setAttribute("aria-pressed", String(on));
  if (on) {
    phusong.say(phusong.word.point_hint);
    phusong.map.getContainer().focus({ preventScroll: true });
  }
};

phusong.point.choose = function (latlng) {
  const { lng, lat } = latlng;
  this.pick(false);
  phusong.select("point", { lng, lat, position: [lng, lat], world: phusong.world(lng, lat) });
  phusong.permalink.write();
};

phusong.point.text = function (record) {
  const [east, north] = this.planning(record).map(Math.round);
  return `WGS 84 ${record.lat.toFixed(6)}, ${record.lng.toFixed(6)}; ${phusong.data.planning.label} E ${east}, N ${north}`;
};

phusong.card.point = function (record) {
  const { h, word } = phusong;
  const [east, north] = phusong.point.planning(record);
  const under = phusong.pointer.commune(record);
  const degrees = (value, side) => h("div", null, `${phusong.number(value, 6)}° ${side}`);
  const metres = (value, side) => h("div", null, `${phusong.number(value)} m ${side}`);
  const values = h("div", null);
  phusong.point.fill(values, record);
  return {
    eyebrow: word.point,
    title: `${record.lat.toFixed(5)}, ${record.lng.toFixed(5)}`,
    subtitle: under ? phusong.districtName(under.district_code) : word.outside,
    content: [
      phusong.card.facts([
        ["WGS 84", h("div", null, degrees(record.lat, word.north), degrees(record.lng, word.east))],
        [phusong.data.planning.name, h("div", null, metres(north, word.north), metres(east, word.east))],
        [word.in_commune, under ? phusong.card.communeLink(under.commune_code) : null],
      ]),
      h("p", null, h("button", { type: "button", class: "copy", onclick: () => phusong.copy(phusong.point.text(record), word.copied) }, word.copy)),
      values,
    ],
  };
};

// Fill in what every picture says at a place, one after the other.
phusong.point.fill = async function (values, record) {
  const pairs = [];
  for (const { name, picture } of phusong.themes.list()) {
    if (picture !== name) continue;
    pairs.push([phusong.word[name], await phusong.surface.valueAt(record, name)]);
    values.replaceChildren(phusong.card.facts(pairs) || "");
  }
};

// Put a text on the clipboard and say so. Without the right to (as over plain http), the browser's
// older way: copy what is selected.
phusong.copy = async function (text, done) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const field = phusong.h("textarea", { class: "away", readonly: true, "aria-hidden": "true" }, text);
    document.body.append(field);
    field.select();
    const copied = document.execCommand("copy");
    field.remove();
    if (!copied) {
      phusong.say(text);
      return;
    }
  }
  phusong.say(done);
};

phusong.SAID_MS = 3500;

// A short word to the reader at the foot of the map.
phusong.say = function (text) {
  const place = document.getElementById("said");
  place.textContent = text;
  place.hidden = false;
  clearTimeout(this.silence);
  this.silence = setTimeout(() => { place.hidden = true; }, phusong.SAID_MS);
};
