"use strict";
// The rows that the ranking shows, as CSV for the spreadsheets of the page's language: copied or saved.
phusong.sheet = {};

phusong.sheet.NUMBER = /^[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?$/;

// Text that a spreadsheet would run as a formula gets an apostrophe in front, as in ranking.csv.
phusong.sheet.unarmed = function (text) {
  const bare = text.replace(/^'+/, "");
  return /^[=+\-@\t\r]/.test(bare) && !this.NUMBER.test(bare) ? "'" + text : text;
};

// Text that a spreadsheet would take for a number or a date, as in geodata/csv_forms.py.
phusong.sheet.CHANGED = /^[+-]?(0\d+|\d{16,}|\d+[.,:/e-][\d.,:/ e+-]*|(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[ -]?\d+|\d+[ -]?(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*)$/i;

// How spreadsheets of the page's language read cells: a comma of decimals leaves the semicolon between cells.
phusong.sheet.form = function () {
  const decimal = new Intl.NumberFormat(phusong.locale).formatToParts(0.5).find((part) => part.type === "decimal").value;
  return { decimal, separator: decimal === "," ? ";" : "," };
};

phusong.sheet.cell = function (value, guarded, { decimal, separator }) {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(value).replace(".", decimal);
  const code = guarded && (this.CHANGED.test(value) || /^\d+$/.test(value));
  const safe = code ? `="${value}"` : this.unarmed(String(value));
  return safe.includes(separator) || /["\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

// Columns of text are guarded as a whole, so that codes of a column stay alike.
phusong.sheet.column = function (head, values, form) {
  const guarded = values.some((value) => typeof value === "string" && this.CHANGED.test(value));
  return [this.cell(head, false, form), ...values.map((value) => this.cell(value, guarded, form))];
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
  const form = this.form();
  const written = fields.map(([key, value]) => this.column(word[key] || key, rows.map(value), form));
  return [-1, ...rows.keys()].map((i) => written.map((column) => column[i + 1]).join(form.separator) + "\n").join("");
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
