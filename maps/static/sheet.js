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

// Where a row lies, before its figures.
phusong.sheet.LEADING = [
  ["station", (row) => row.site_id],
  ["kind", (row) => phusong.word[row.kind] || row.kind],
  ["commune", (row) => phusong.communeName(row.commune_code)],
  ["district", (row) => phusong.districtName(row.district_code)],
  ["zone", (row) => (phusong.zoneById.get(row.zone_id) || { name: "" }).name],
];

phusong.sheet.text = function (rows, columns) {
  const { word } = phusong;
  const figures = columns.filter((column) => !column.text).flatMap((column) => (column.sheet || [[column.word || column.key, column.value]]));
  const fields = [...figures.slice(0, 1), ...this.LEADING, ...figures.slice(1),
    ...(phusong.weights.on ? [] : [["lon", (row) => row.position[0]], ["lat", (row) => row.position[1]]])];
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
