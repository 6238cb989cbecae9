"use strict";
// The table of proposed stations: sortable; a row brings the map to its station.
phusong.ranking = { column: "rank", descending: false };

phusong.RANKING_COLUMNS = [
  { key: "rank", word: "rank", value: (c) => c.rank },
  { key: "place", word: "place", text: true, value: (c) => phusong.placeName(c.commune_code) },
  { key: "year", word: "year", value: (c) => c.year },
  { key: "people_gained", word: "people_gained_short", value: (c) => c.people_gained || 0 },
  { key: "cost_million_vnd", word: "cost_column", value: (c) => c.cost_million_vnd || 0 },
];

phusong.placeName = function (code) {
  const commune = phusong.communeByCode.get(code);
  return commune ? phusong.shortName(commune.name) : code || "–";
};

phusong.ranking.start = function () {
  const { h, word } = phusong;
  const page = document.getElementById("page-ranking");
  this.body = h("tbody", null);
  this.heads = phusong.RANKING_COLUMNS.map((column) => h("th", { scope: "col", class: column.key },
    h("button", { type: "button", onclick: () => this.sortBy(column.key) }, word[column.word])));
  page.append(h("table", { class: "ranking" }, h("thead", null, h("tr", null, this.heads)), this.body));
  this.rows = new Map(phusong.candidates.map((candidate) => [candidate, this.row(candidate)]));
  this.sort();
};

phusong.ranking.row = function (candidate) {
  const { h, word } = phusong;
  const choose = () => {
    phusong.tabs.closeSheet();
    phusong.select("candidate", candidate, { zoom: true });
  };
  const row = h("tr", { tabindex: 0, "data-rank": candidate.rank, title: word[candidate.kind] },
    h("td", { class: "rank" }, h("i", { class: "badge small " + candidate.kind, style: phusong.yearStyle(candidate.year) }, h("b", null, String(candidate.rank)))),
    h("td", { class: "place" }, h("b", null, phusong.placeName(candidate.commune_code)), h("small", null, candidate.site_id)),
    h("td", null, String(candidate.year)),
    h("td", null, phusong.number(candidate.people_gained)),
    h("td", null, phusong.number(candidate.cost_million_vnd)));
  row.addEventListener("click", choose);
  row.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    choose();
  });
  return row;
};

phusong.ranking.sortBy = function (key) {
  const largeFirst = key === "people_gained" || key === "cost_million_vnd";
  this.descending = this.column === key ? !this.descending : largeFirst;
  this.column = key;
  this.sort();
};

phusong.ranking.sort = function () {
  const column = phusong.RANKING_COLUMNS.find((c) => c.key === this.column);
  const sign = this.descending ? -1 : 1;
  const ordered = [...phusong.candidates].sort((a, b) => {
    const [x, y] = [column.value(a), column.value(b)];
    const order = column.text ? x.localeCompare(y, "vi") : x - y;
    return sign * order || a.rank - b.rank;
  });
  this.body.replaceChildren(...ordered.map((candidate) => this.rows.get(candidate)));
  phusong.RANKING_COLUMNS.forEach((c, i) => {
    const order = this.descending ? "descending" : "ascending";
    this.heads[i].setAttribute("aria-sort", c.key === this.column ? order : "none");
  });
};

// Mark the row of the chosen station.
phusong.ranking.mark = function () {
  const chosen = phusong.state.selected;
  for (const [candidate, row] of this.rows) {
    const on = Boolean(chosen) && chosen.record === candidate;
    row.classList.toggle("chosen", on);
    if (on && !document.getElementById("page-ranking").hidden) row.scrollIntoView({ block: "nearest" });
  }
};
