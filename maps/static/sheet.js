"use strict";
// The rows that the ranking shows, as CSV: copied or saved.
phusong.sheet = {};

phusong.sheet.NUMBER = /^[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?$/;

// Text that a spreadsheet would run as a formula gets an apostrophe in front, as in ranking.csv.
phusong.sheet.unarmed = function (text) {
  const bare = text.replace(/^'+/, "");
  return /^[=+\-@\t\r]/.test(bare) && !this.NUMBER.test(bare) ? "'" + text : text;
};

phusong.sheet.cell = function (value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(value);
  const safe = this.unarmed(String(value));
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

// What a row is, before its figures.
phusong.sheet.LEADING = {
  stations: [
    ["station", (row) => row.site_id],
    ["kind", (row) => phusong.word[row.kind] || row.kind],
    ["commune", (row) => phusong.communeName(row.commune_code)],
    ["district", (row) => phusong.districtName(row.district_code)],
    ["zone", (row) => (phusong.zoneById.get(row.zone_id) || { name: "" }).name],
  ],
  zones: [
    ["zone_id", (row) => row.zone_id],
    ["zone", (row) => row.name],
    ["kind", (row) => phusong.word["zone_" + row.kind] || row.kind],
    ["status", (row) => phusong.word["status_" + row.status] || row.status],
    ["commune", (row) => phusong.communeName(row.commune_code)],
  ],
};
phusong.sheet.TRAILING = {
  stations: [["lon", (row) => row.position[0]], ["lat", (row) => row.position[1]]],
  zones: [],
};

phusong.sheet.text = function (rows, columns, kind) {
  const { word, ranking } = phusong;
  const figures = columns.filter((column) => !column.text)
    .flatMap((column) => column.sheet || [[ranking.heading(column), column.value]]);
  const fields = [...figures.slice(0, 1), ...this.LEADING[kind], ...figures.slice(1), ...this.TRAILING[kind]];
  const lines = [fields.map(([key]) => this.cell(word[key] || key)),
    ...rows.map((row) => fields.map(([, value]) => this.cell(value(row))))];
  return lines.map((line) => line.join(",") + "\n").join("");
};

// A byte order mark tells spreadsheets that the letters are UTF-8.
phusong.sheet.save = function (text, name) {
  const address = URL.createObjectURL(new Blob(["\ufeff" + text], { type: "text/csv;charset=utf-8" }));
  const link = phusong.h("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  URL.revokeObjectURL(address);
};
