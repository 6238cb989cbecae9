"use strict";
// What every other script uses: the data, words, numbers, and a builder of elements.
// Text from data reaches the page through text nodes only, never as markup.
const phusong = {};

phusong.read = function () {
  const written = JSON.parse(document.getElementById("phusong-data").textContent);
  const data = phusong.languages ? phusong.languages.read(written) : written;
  phusong.data = data;
  phusong.word = data.text || data.texts[data.language];
  phusong.locale = data.locale || data.locales[data.language];
  for (const name of ["communes", "districts", "candidates", "zones", "holes"]) {
    phusong[name] = phusong.records(data[name]);
  }
  for (const { name } of data.themes || []) phusong.inPlace(name);
  phusong.sites = data.sites ? phusong.siteRecords(data.sites) : [];
  phusong.communeByCode = new Map(phusong.communes.map((c) => [c.commune_code, c]));
  phusong.districtByCode = new Map(phusong.districts.map((d) => [d.district_code, d]));
  phusong.zoneById = new Map(phusong.zones.map((z) => [z.zone_id, z]));
};

// Put place and probability of the service into the words of a theme.
phusong.inPlace = function (name) {
  const { word, data: { record: { service } } } = phusong;
  const location = word[service.location];
  const values = { location, probability: phusong.percent(service.probability, 0) };
  for (const key of [name, "legend_" + name]) {
    const text = word[key] && phusong.fill(word[key], values);
    if (text) word[key] = text[0].toUpperCase() + text.slice(1);
  }
};

// Turn {columns, rows, ...lists} into one record per row.
phusong.records = function (table) {
  const lists = Object.keys(table).filter((key) => key !== "columns" && key !== "rows");
  return table.rows.map((row, index) => {
    const record = { index };
    table.columns.forEach((column, place) => { record[column] = row[place]; });
    for (const list of lists) record[list] = table[list][index];
    return record;
  });
};

// The sites, whose positions are whole steps from a corner.
phusong.siteRecords = function ({ columns, corner, position, unit }) {
  return phusong.unpacked(columns).map((record) => ({
    ...record, position: position.map((steps, axis) => corner[axis] + steps[record.index] * unit),
  }));
};

// Turn columns, each a list or packed as {words, at} or {scale, whole}, into one record per row.
phusong.unpacked = function (table) {
  const names = Object.keys(table);
  const lists = names.map((name) => {
    const { words, at, scale, whole } = table[name];
    if (Array.isArray(table[name])) return table[name];
    return words ? at.map((place) => words[place]) : whole.map((value) => (value === null ? null : value / scale));
  });
  return (lists[0] || []).map((_, index) => {
    const record = { index };
    names.forEach((name, place) => { record[name] = lists[place][index]; });
    return record;
  });
};

// Put {name: value} into the places of a sentence.
phusong.fill = function (sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (whole, key) => (key in values ? String(values[key]) : whole));
};

phusong.number = function (value, decimals = 0) {
  if (value === null || value === undefined) return "–";
  return phusong.formatter(decimals).format(value).replace("-", "\u2212");
};

// Formatters are kept: making one takes longer than a thousand numbers do.
phusong.formatters = new Map();
phusong.formatter = function (decimals) {
  const key = `${phusong.locale} ${decimals}`;
  if (!phusong.formatters.has(key)) {
    phusong.formatters.set(key, new Intl.NumberFormat(phusong.locale, {
      minimumFractionDigits: decimals, maximumFractionDigits: decimals,
    }));
  }
  return phusong.formatters.get(key);
};

// A date as ISO 8601 writes it, in the order of the language.
phusong.date = function (iso) {
  const [year, month, day] = iso.slice(0, 10).split("-").map(Number);
  return new Intl.DateTimeFormat(phusong.locale, { dateStyle: "long", timeZone: "UTC" }).format(Date.UTC(year, month - 1, day));
};

phusong.percent = function (share, decimals = 1) {
  return share === null || share === undefined ? "–" : phusong.number(100 * share, decimals) + "%";
};

phusong.money = function (million) {
  if (million === null || million === undefined) return "–";
  const large = Math.abs(million) >= 1000;
  const unit = phusong.word[large ? "unit_billion" : "unit_million"];
  return `${phusong.number(large ? million / 1000 : million, large ? 1 : Number(phusong.word.money_decimals))} ${unit}`.trim();
};

// A small amount, such as a cost per person, rounded as the country rounds it.
phusong.moneyEach = function (amount) {
  const step = 10 ** -Number(phusong.word.money_small_decimals);
  return `${phusong.number(Math.round(amount / step) * step)} ${phusong.word.unit_currency}`.trim();
};

phusong.unit = function (value, decimals, unit) {
  return value === null || value === undefined
    ? "–" : phusong.number(value, decimals) + " " + phusong.word["unit_" + unit];
};

// Build an element: h("p", {class: "x", onclick: f}, "text", child).
phusong.h = function (tag, properties, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(properties || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "style") element.style.cssText = value;
    else element.setAttribute(key, value === true ? "" : value);
  }
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined) element.append(child);
  }
  return element;
};

// A small drawing for legends and controls.
phusong.svg = function (width, height, ...shapes) {
  const space = "http://www.w3.org/2000/svg";
  const root = document.createElementNS(space, "svg");
  root.setAttribute("width", width);
  root.setAttribute("height", height);
  root.setAttribute("viewBox", `0 0 ${width} ${height}`);
  root.setAttribute("aria-hidden", "true");
  for (const [name, attributes] of shapes) {
    const shape = document.createElementNS(space, name);
    for (const [key, value] of Object.entries(attributes)) shape.setAttribute(key, value);
    root.append(shape);
  }
  return root;
};

// Letters without diacritics, lower case: "Đà Lạt" becomes "da lat".
phusong.plainLetters = function (text) {
  return String(text).normalize("NFD").replace(/\p{M}/gu, "")
    .replace(/đ/g, "d").replace(/Đ/g, "d").toLowerCase().replace(/\s+/g, " ");
};

// Whether a unit is a ward or a township, as its type says.
phusong.isTown = (unit) => !["xa", "unit"].includes(unit.commune_type);

phusong.shortName = function (name) {
  const kinds = phusong.word.unit_prefixes.replaceAll(".", "\\.");
  const short = kinds ? name.replace(new RegExp(`^(${kinds})\\s+`, "iu"), "") : name;
  return /^\d+$/.test(short) ? name : short;
};

// A district with its kind before its name, as people write it: the list may leave it out.
phusong.withKind = (name) => phusong.word.district_kinds.split(",").map((kind) => `${kind.trim()} ${phusong.shortName(name)}`);

phusong.communeName = function (code) {
  const commune = phusong.communeByCode.get(code);
  return commune ? commune.full_name : code || "–";
};

phusong.districtName = function (code) {
  const district = phusong.districtByCode.get(code);
  return district ? district.name : code || "–";
};

// Whether the page stands as on a phone held upright: the panel is a sheet. As page.css has it.
phusong.isCoarse = () => window.matchMedia("(max-width: 760px) and (min-height: 481px), (max-width: 559px)").matches;

// Whether there is little height, as on a phone that lies on its side.
phusong.isLow = () => window.matchMedia("(max-height: 480px)").matches;
