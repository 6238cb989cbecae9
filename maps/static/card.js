"use strict";
// The card of one thing, and the parts that cards share; what each kind tells stands elsewhere.
phusong.card = {};

// Choose a thing: draw it, show its card, and bring the map to it where asked.
phusong.select = function (kind, record, { zoom = false } = {}) {
  phusong.state.selected = { kind, record };
  phusong.symbols.redraw();
  phusong.card.show(kind, record);
  phusong.ranking.mark();
  if (zoom) phusong.goTo(kind, record);
  phusong.permalink.write();
};

phusong.deselect = function () {
  if (!phusong.state.selected) return;
  phusong.state.selected = null;
  phusong.symbols.redraw();
  phusong.ranking.mark();
  document.getElementById("card").hidden = true;
  phusong.legend.makeRoom(false);
  const back = phusong.card.cameFrom;
  if (back && document.contains(back)) back.focus({ preventScroll: true });
  phusong.card.cameFrom = null;
  phusong.permalink.write();
};

phusong.goTo = function (kind, record) {
  const { map } = phusong;
  const room = phusong.room();
  if (record.bounds) {
    const [west, south, east, north] = record.bounds;
    map.fitBounds([[south, west], [north, east]], room);
  } else if (record.box) {
    map.fitBounds(phusong.latLngBounds(record.box), { ...room, maxZoom: 14 });
  } else {
    const [lon, lat] = record.position;
    map.fitBounds([[lat, lon], [lat, lon]], { ...room, maxZoom: Math.max(map.getZoom(), 14) });
  }
};

// Space that cards cover, kept free when the map is brought to a thing.
phusong.room = function () {
  if (phusong.isCoarse()) {
    const card = document.getElementById("card");
    const covered = card.hidden ? 40 : Math.min(card.offsetHeight, window.innerHeight * 0.5) + 30;
    return { paddingTopLeft: [24, 24], paddingBottomRight: [24, covered] };
  }
  const covered = document.getElementById("card").hidden ? 40 : 360;
  return { paddingTopLeft: [40, 40], paddingBottomRight: [covered, 40] };
};

phusong.card.show = function (kind, record) {
  const { h, word } = phusong;
  const card = document.getElementById("card");
  const parts = phusong.card[kind](record);
  const close = h("button", {
    type: "button", class: "close", "aria-label": word.close, title: word.close,
    onclick: () => phusong.deselect(),
  }, "×");
  card.replaceChildren(
    h("header", null,
      h("div", null,
        h("p", { class: "eyebrow" }, parts.eyebrow),
        h("h2", null, parts.badge || null, h("span", null, parts.title)),
        parts.subtitle ? h("p", { class: "subtitle" }, parts.subtitle) : null),
      close),
    h("div", { class: "content" }, parts.content),
    parts.footer || "",
  );
  card.setAttribute("aria-label", card.querySelector("header > div").textContent);
  if (card.hidden) {
    this.cameFrom = document.activeElement;
    phusong.legend.makeRoom(true);
  }
  card.hidden = false;
  card.scrollTop = 0;
};

phusong.card.facts = function (pairs) {
  const { h } = phusong;
  const rows = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "" && value !== "–");
  if (!rows.length) return null;
  return h("dl", { class: "facts" }, rows.map(([label, value]) => h("div", null, h("dt", null, label), h("dd", null, value))));
};

// Two bars, before and after, of a share, and the range of that after.
phusong.card.beforeAfter = function (label, before, after, range) {
  const { h, word } = phusong;
  const bar = (name, share, kind) => h("div", { class: "share" },
    h("span", { class: "when" }, name),
    h("span", { class: "track", "aria-hidden": "true" },
      h("i", { class: kind, style: `width:${(100 * (share || 0)).toFixed(2)}%` })),
    h("span", { class: "amount" }, phusong.percent(share)));
  return h("section", { class: "shares" }, h("h3", null, label),
    bar(word.before_short, before, "before"), bar(word.after_short, after, "after"),
    range ? h("p", { class: "range" }, `${word.range_90}: ${range}`) : null);
};

// The range of a share of a record, null where the run has none.
phusong.card.range = function (record, name) {
  const [low, high] = [record[`${name}_low`], record[`${name}_high`]];
  return typeof low === "number" ? `${phusong.number(100 * low, 1)}–${phusong.percent(high)}` : null;
};

phusong.card.link = function (text, action) {
  return phusong.h("button", { type: "button", class: "link", onclick: action }, text);
};

phusong.card.communeLink = function (code) {
  const commune = phusong.communeByCode.get(code);
  return commune
    ? this.link(commune.full_name, () => phusong.select("commune", commune, { zoom: true })) : code || "–";
};

phusong.card.zoneLink = function (id) {
  const zone = phusong.zoneById.get(id);
  return zone ? this.link(zone.name, () => phusong.select("zone", zone, { zoom: true })) : id;
};

phusong.card.stations = function (candidates) {
  const { h, word } = phusong;
  if (!candidates.length) return null;
  return h("section", { class: "stations" },
    h("h3", null, `${word.planned_here} (${phusong.number(candidates.length)})`),
    h("div", { class: "chips" }, candidates.map((candidate) => h("button", {
      type: "button", class: "chip " + candidate.kind, style: phusong.yearStyle(candidate.year),
      title: `${candidate.site_id}, ${candidate.year}`,
      onclick: () => phusong.select("candidate", candidate, { zoom: true }),
    }, String(candidate.rank)))));
};

// The colour of a year of build; hollow for what is not in the plan.
phusong.yearStyle = function (year) {
  const colour = phusong.stationColour({ year });
  return `background:${colour};color:${phusong.readable(colour)};box-shadow:inset 0 0 0 1px ${phusong.edge(colour)}`;
};

phusong.card.section = (title, ...content) => phusong.h("section", null, phusong.h("h3", null, title), content);

phusong.card.folded = (title, ...content) => phusong.h("details", null, phusong.h("summary", null, title), content);

// A list of sites that is made when it is unfolded.
phusong.card.siteList = function (title, sites) {
  const { h, data } = phusong;
  if (!sites.length) return null;
  const list = h("ul", { class: "sites" });
  const folded = this.folded(phusong.fill(title, { count: phusong.number(sites.length) }), list);
  folded.addEventListener("toggle", () => {
    if (list.children.length) return;
    list.append(...sites.map((site) => h("li", null,
      h("i", { class: "dot", style: `background:${data.colours.operators[site.operator]}` }),
      this.link(site.site_id, () => phusong.select("site", site, { zoom: true })),
      h("small", null, `${site.operator} · ${site.technologies}`))));
  });
  return folded;
};

phusong.serviceLabel = (key) => `${phusong.word[key]} ${phusong.word[phusong.data.record.service.location] || ""}`;

phusong.card.operators = function (sites) {
  const { h, word, data } = phusong;
  const counts = Object.keys(data.colours.operators)
    .map((name) => [name, sites.filter((site) => site.operator === name).length])
    .filter(([, count]) => count > 0);
  if (!counts.length) return null;
  return h("section", { class: "operators" }, h("h3", null, word.sites_by_operator),
    h("ul", null, counts.map(([name, count]) => h("li", null,
      h("i", { class: "dot", style: `background:${data.colours.operators[name]}` }),
      name, h("b", null, phusong.number(count))))));
};
