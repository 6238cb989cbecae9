"use strict";
// The arithmetic of a sketch: what stations serve of a sample of cells, and the greedy choice.
// The function holds all it needs and knows no page: a worker runs the same text.
phusong.sketchEngine = function (buffer) {
  const bytes = new Uint8Array(buffer), end = bytes.indexOf(10);
  const about = JSON.parse(new TextDecoder().decode(bytes.subarray(0, end)));
  const kinds = { f4: Float32Array, i4: Int32Array, i2: Int16Array, u1: Uint8Array };
  const body = buffer.slice(end + 1), a = {};
  for (const [name, kind, start, size] of about.arrays) a[name] = new kinds[kind](body, start, size);
  const count = about.stations.length, cells = a.people.length, years = about.years, STEPS = 255;
  const MET = 1e-9, TIE = 1e-4, BILLION = 1000;

  // Cells of all entries: each row begins anew, and a byte of 255 goes on in the next.
  const cell = new Int32Array(a.share.length);
  for (let row = 0, at = 0; row < count; row += 1) {
    for (let entry = a.first[row], place = 0; entry < a.first[row + 1]; entry += 1) {
      while (a.step[at] === STEPS) {
        place += STEPS;
        at += 1;
      }
      place += a.step[at];
      at += 1;
      cell[entry] = place;
    }
  }
  const others = Array.from({ length: count }, () => []);
  for (let pair = 0; pair < a.excludes.length; pair += 2) {
    others[a.excludes[pair]].push(a.excludes[pair + 1]);
    others[a.excludes[pair + 1]].push(a.excludes[pair]);
  }

  function add(level, row) {
    for (let entry = a.first[row]; entry < a.first[row + 1]; entry += 1) {
      if (a.share[entry] > level[cell[entry]]) level[cell[entry]] = a.share[entry];
    }
  }

  const dot = (values, level) => {
    let sum = 0;
    for (let i = 0; i < cells; i += 1) sum += values[i] * level[i];
    return sum / STEPS;
  };

  // The sums by row of what counts in cells.
  const byRow = (name, level, rows) => {
    const [row, at, value] = ["row", "cell", "value"].map((part) => a[`${name}_${part}`]);
    const sums = new Float64Array(rows);
    for (let i = 0; i < at.length; i += 1) sums[Math.max(row[i], 0)] += value[i] * level[at[i]] / STEPS;
    return sums;
  };

  const tierSum = (number, level) => byRow(`tier_${number}`, level, about.ranked.length || 1).reduce((x, y) => x + y, 0);
  const full = new Uint8Array(cells).fill(STEPS);
  const whole = Object.fromEntries(about.tiers.map(({ number }) => [number, tierSum(number, full)]));
  const wholeZones = dot(a.first_demand, full);

  function counted(level) {
    const people = new Float64Array(about.communes.length);
    for (let i = 0; i < cells; i += 1) if (a.commune[i] >= 0) people[a.commune[i]] += a.people[i] * level[i] / STEPS;
    return {
      people,
      zones: byRow("zones", level, about.zones.length),
      zone_demand: wholeZones > 0 ? dot(a.first_demand, level) / wholeZones : 0,
      tiers: Object.fromEntries(about.tiers.map(({ number }) => [number, whole[number] > 0 ? tierSum(number, level) / whole[number] : 0])),
    };
  }

  // What stations, each with its year or 0, serve and cost by the end of each year.
  function evaluate(built) {
    const level = a.before.slice();
    return years.map((year) => {
      const rows = [];
      for (let row = 0; row < count; row += 1) if (built[row] === year) rows.push(row);
      for (const row of rows) add(level, row);
      const sum = (values) => rows.reduce((total, row) => total + values[row], 0);
      return { year, stations: rows.length, new: sum(a.new), cost: sum(a.cost), opex: sum(a.opex), level: level.slice(), ...counted(level) };
    });
  }

  // What a tier's gains count in every cell, each zone by its weight.
  function tierWeights(number, weights) {
    const values = new Float64Array(cells);
    const [row, at, value] = ["row", "cell", "value"].map((part) => a[`tier_${number}_${part}`]);
    for (let i = 0; i < at.length; i += 1) values[at[i]] += value[i] * (row[i] < 0 ? 1 : weights[row[i]]);
    return values;
  }

  const quotas = about.quotas.map(([name, year, target], k) => {
    const values = new Float64Array(cells);
    for (let i = 0; i < a.quotas_cell.length; i += 1) if (a.quotas_row[i] === k) values[a.quotas_cell[i]] += a.quotas_value[i];
    const total = values.reduce((x, y) => x + y, 0);
    return { year, target, values: values.map((value) => value / total) };
  });

  // Choose by the rules of the plan, but greedily and year by year: needs that are due, tiers in order
  // up to their targets, then the most gain. `asked`: fixed {row: year}, off [rows], stations, budget
  // and target_share by year, tiers in order, weights of the ranked zones.
  function choose(asked) {
    const level = a.before.slice(), built = new Int16Array(count), barred = new Int32Array(count);
    for (const row of asked.off) barred[row] += 1;
    const fixed = Object.entries(asked.fixed).map(([row, year]) => [Number(row), year]);
    for (const [row] of fixed) {
      barred[row] += 1;
      for (const other of others[row]) barred[other] += 1;
    }
    const build = (state, row, year) => {
      state.built[row] = year;
      state.barred[row] += 1;
      for (const other of others[row]) state.barred[other] += 1;
      state.stations -= 1;
      state.money -= a.money[row];
      add(state.level, row);
    };
    const gain = (state, values, row) => {
      let sum = 0;
      for (let entry = a.first[row]; entry < a.first[row + 1]; entry += 1) {
        const rise = a.share[entry] - state.level[cell[entry]];
        if (rise > 0) sum += values[cell[entry]] * rise;
      }
      return sum / STEPS;
    };
    // Lazy greedy: gains only fall, so only the best is counted again.
    const take = (state, year, score, goes, limit = Infinity) => {
      const scores = new Float64Array(count), fresh = new Int32Array(count).fill(-1);
      let taken = 0;
      for (let row = 0; row < count; row += 1) scores[row] = state.barred[row] ? -1 : score(row);
      while (state.stations >= 1 && taken < limit && goes()) {
        let best = -1;
        for (let row = 0; row < count; row += 1) {
          if (scores[row] > 0 && !state.barred[row] && a.money[row] <= state.money && (best < 0 || scores[row] > scores[best])) best = row;
        }
        if (best < 0) return false;
        if (fresh[best] === taken) {
          build(state, best, year);
          taken += 1;
        } else {
          scores[best] = score(best);
          fresh[best] = taken;
        }
      }
      return true;
    };
    const worth = (state, values, leastGain) => (row, price) => {
      const more = gain(state, values, row);
      return more > 0 && more >= leastGain * a.money[row] ? more / price : -1;
    };
    const room = (limits, year, carried) => {
      const own = limits[String(year)];
      return own === undefined || own === null ? Infinity : own + carried;
    };
    const state = { level, built, barred, stations: 0, money: 0 };
    let carriedStations = 0, carriedMoney = 0, exhausted = false;
    const missed = [];
    for (const year of years) {
      state.stations = room(asked.stations, year, carriedStations);
      state.money = room(asked.budget, year, carriedMoney);
      for (const [row, own] of fixed) if (own === year) build(state, row, year);
      // Needs: quotas in shares up to their targets, minima when full.
      const due = quotas.filter((quota) => quota.year <= year || year === years[years.length - 1]);
      const lacking = () => due.filter((quota) => dot(quota.values, state.level) < quota.target - MET);
      const minima = () => about.minima.filter(([, by, rows, least]) => by <= year && rows.filter((row) => state.built[row]).length < least);
      let open = lacking(), unmet = minima();
      take(state, year, (row) => {
        let more = 0;
        for (const quota of open) more += gain(state, quota.values, row);
        for (const [, , rows, least] of unmet) if (rows.includes(row)) more += 1 / least;
        return more > MET ? more / a.money[row] : -1;
      }, () => {
        open = lacking();
        unmet = minima();
        return open.length + unmet.length > 0;
      });
      for (const tier of asked.tiers) {
        const target = Math.min(tier.targets[String(year)] ?? -1, tier.most);
        const values = tierWeights(tier.number, asked.weights), rate = tier.least_gain / BILLION;
        const score = worth(state, values, rate);
        const reached = () => whole[tier.number] > 0 ? tierSum(tier.number, state.level) / whole[tier.number] : 1;
        if (target < 0) continue;
        take(state, year, (row) => score(row, a.money[row]), () => reached() < target - MET);
        if (reached() < target - MET) missed.push([tier.number, year]);
        // More is asked than by the plan, and more than the candidates of the page together serve.
        const planned = about.tiers.find(({ number }) => number === tier.number).targets[String(year)] ?? 0;
        if (tier.targets[String(year)] > Math.max(planned, tier.most)) exhausted = true;
      }
      const target = asked.target_share[String(year)];
      const everybody = dot(a.people, full);
      const goes = () => target === undefined || target === null || dot(a.people, state.level) < target * everybody - MET;
      // The better of two rules: by gain per cost, and by gain alone.
      const tries = [(row) => a.money[row], () => 1].map((price) => {
        const own = { ...state, level: state.level.slice(), built: state.built.slice(), barred: state.barred.slice() };
        const score = worth(own, target === undefined || target === null ? a.weight : a.people, about.least_gain);
        const ended = take(own, year, (row) => score(row, price(row)), goes);
        return { own, ended, value: dot(a.weight, own.level) };
      });
      const better = tries[1].value > tries[0].value ? tries[1] : tries[0];
      Object.assign(state, better.own);
      if (!better.ended && state.stations >= 1 && Number.isFinite(state.stations)) exhausted = true;
      carriedStations = Number.isFinite(state.stations) ? Math.max(state.stations, 0) : 0;
      carriedMoney = Number.isFinite(state.money) ? Math.max(state.money, 0) : 0;
    }
    const used = state.built.reduce((total, year) => total + (year > 0), 0);
    const few = about.candidates > count && (exhausted || used > 0.6 * count);
    return { built: state.built, missed, few };
  }

  return { about, arrays: a, evaluate, choose };
};

// What the worker runs: it takes the sample once, then answers each question by its number.
phusong.sketchWorker = () => {
  const text = `"use strict"; const make = ${phusong.sketchEngine.toString()}; let engine = null;
onmessage = ({ data }) => {
  if (data.buffer) { engine = make(data.buffer); return; }
  postMessage({ number: data.number, ...engine.choose(data.asked) });
};`;
  const address = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  const worker = new Worker(address);
  URL.revokeObjectURL(address);
  return worker;
};
