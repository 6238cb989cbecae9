"""Kill runs and damage caches, and compare what comes out: a campaign with a count.

``python tests/support/damage/breakdowns.py --kills 100 --entries 1000 --arrays 1000 --writers 100``

A killed run must leave an earlier result, or a mark that it is not whole; the next run there
must succeed, sweep up, and give the bytes of an undisturbed run. A plan from damaged caches must
have the values of one from no caches.
"""

import argparse
import json
import multiprocessing
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import tomllib
from collections import Counter
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PATHS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["pytest"]["ini_options"]
sys.path[:0] = [str(ROOT), *(str(ROOT / path) for path in PATHS["pythonpath"])]

import cache_damage
import mini_province
import numpy as np

from phusong import lock
from phusong.commands import cli
from phusong.geodata.files import whole
from phusong.geodata.provinces import embedded, folder
from phusong.scenarios.config import schema
from phusong.scenarios.plan import run
from phusong.scenarios.prediction import cache

# ruff: noqa: E402, T201 - started as a script; a campaign tells what it finds

FORK = multiprocessing.get_context("fork")
SETTINGS = ["rollout.stations={ 2024 = 2, 2025 = 1 }", "candidates.lattice_m=900"]
SAME = (".csv", ".geojson", ".tif", ".qml")  # what holds no time


def province():
    communes = mini_province.mini_communes()
    return embedded.complete(
        *("Mini", "2020-03", communes, mini_province.mini_terrain(communes), 1),
        zones=mini_province.mini_zones(),
        sites=mini_province.mini_sites(),
    )


def values(of):
    """Return the layers, the ranking and the figures of a plan."""
    plan = run.plan(of, schema.load("urban", SETTINGS), progress=lambda *_: lambda _: None)
    ranking = plan.ranking.drop(columns="geometry").to_json()
    layers = {name: layer() for name, layer in plan.layers.items()}
    return {**layers, "ranking": np.array(ranking), "headline": np.array(str(plan.headline))}


def alike(one, other):
    """Return whether two plans have the same values."""
    return all(
        np.array_equal(other[name], expected, equal_nan=expected.dtype.kind == "f")
        for name, expected in one.items()
    )


def damaged_arrays(room, count, seed):
    """Damage so many results and as many windows, and return how, and whose values are wrong."""
    use_caches(room)
    chance, done = random.Random(seed), Counter()  # noqa: S311 - no secret
    windows = cache.Windows()
    for number in range(count):
        pair = (number, number + 1)
        makers = [partial(_arrays, n) for n in pair]
        for n, make in zip(pair, makers, strict=True):
            cache.cached((n,), make)
            windows[f"{n:032x}"] = make()["window"]
        for place in (cache.FOLDER, cache.WINDOWS):
            files = sorted(path for path in place.rglob("*") if path.is_file())[:50]
            done[cache_damage.damage(chance.choice(files), files, chance)] += 1
        for n, make in zip(pair, makers, strict=True):
            right, made = make(), cache.cached((n,), make)
            window = windows.get(f"{n:032x}")
            same = all(np.array_equal(made[name], right[name]) for name in right)
            if not same or (window is not None and not np.array_equal(window, right["window"])):
                done["WRONG VALUES"] += 1
        for place in (cache.FOLDER, cache.WINDOWS):
            shutil.rmtree(place)
    return done


def _arrays(number):
    values = np.random.default_rng(number)
    return {
        "window": values.integers(0, 65535, (41, 41)).astype(np.uint16),
        "level": values.random((30, 20), np.float32),
    }


def damaged_entries(room, count, seed):
    """Damage so many entries of the caches, and return how, with what came out."""
    use_caches(room)
    chance, done, of = random.Random(seed), Counter(), province()  # noqa: S311 - no secret
    first = values(of)
    while done.total() - done["wrong plan"] < count:
        for place in (cache.FOLDER, cache.WINDOWS):
            files = sorted(path for path in place.rglob("*") if path.is_file())
            share = chance.choice((0.2, 0.6, 1.0))
            for path in files:
                if chance.random() < share:
                    done[cache_damage.damage(path, files, chance)] += 1
        print(f"{done.total()} damaged", flush=True)
        if not alike(first, values(of)):
            done["wrong plan"] += 1
            print(f"wrong values after {done.total()} damaged entries", flush=True)
    return done


def killed_writers(room, count, seed):
    """Kill so many processes while they replace a result, and return what they left."""
    lock.FOLDER = room / "locks"
    chance, done, out = random.Random(seed), Counter(), room / "out"  # noqa: S311 - no secret
    begin = time.monotonic()
    _written(out, 0)
    usual_s = time.monotonic() - begin
    for number in range(1, count + 1):
        process = FORK.Process(target=_written, args=(out, number))
        process.start()
        time.sleep(chance.uniform(0.0, 1.5 * usual_s))
        process.kill()
        process.join()
        done["killed" if process.exitcode == -signal.SIGKILL else "done before"] += 1
        versions = {path.read_text("utf-8").split()[0] for path in out.glob("[!.]*")}
        marked = (out / whole.MARK).exists()
        done["a mark" if marked else "one result" if len(versions) == 1 else "A MIXTURE"] += 1
        done["with left-overs"] += bool(list(room.glob(".out-*")))
        if number % 5 == 0:
            _written(out, -number)
            right = {path.read_text("utf-8").split()[0] for path in out.iterdir()} == {f"{-number}"}
            swept = [path.name for path in room.glob("*out*")] == ["out"]
            done["next right and swept" if right and swept else "NEXT WRONG"] += 1
    return done


def _written(out, version):
    own = [f"{part}.csv" for part in range(12)]
    with whole.replaced(out, "run.json", own) as made:
        for name in [*own, "run.json"]:
            whole.write_text(made / name, f"{version} " * 5000)


def killed_runs(room, count, seed):
    """Kill so many runs at a random moment, and return what they left."""
    use_caches(room)
    lock.FOLDER = room / "locks"
    folder.save_province(province(), room / "mini")
    chance, done = random.Random(seed), Counter()  # noqa: S311 - no secret

    def start(out):
        settings = [part for setting in SETTINGS for part in ("--set", setting)]
        order = ["run", "urban", "--province", room / "mini", *settings, "--out", out]
        process = FORK.Process(target=quiet, args=([str(word) for word in order],))
        process.start()
        return process

    for name in ("warm", "whole"):
        begin = time.monotonic()
        start(room / name).join()
    usual_s = time.monotonic() - begin
    expected = contents(room / "whole")
    for number in range(count):
        process = start(room / "out")
        anywhere = usual_s * chance.uniform(0.0, 1.1)
        time.sleep(anywhere if number % 2 else late(room, usual_s, chance))
        process.kill()
        process.join()
        done["killed" if process.exitcode == -signal.SIGKILL else "done before"] += 1
        done[state(room / "out", expected)] += 1
        if number % 10 == 9 or number == count - 1:
            done["next run right" if good(start, room, expected) else "NEXT RUN WRONG"] += 1
    return done


def quiet(order):
    """Run a command in a process that has all modules and no output."""
    with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123 - a device
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
        sys.exit(cli.main(order))


def use_caches(room):
    cache.FOLDER, cache.WINDOWS = room / "predictions", room / "windows"


def late(room, usual_s, chance):
    """Wait until files are being written, and a little more; return what is left to wait [s]."""
    end = time.monotonic() + 2 * usual_s
    while time.monotonic() < end and not list(room.glob(".out-*")):
        time.sleep(0.01)
    return chance.uniform(0.0, 0.3 * usual_s)


def contents(out):
    return {p.name: p.read_bytes() for p in out.iterdir() if p.suffix in SAME}


def state(out, expected):
    """Return what a killed run has left: nothing, a result, or one that says it is not whole."""
    if not out.exists():
        return "left nothing"
    if (out / whole.MARK).exists():
        return "left a mark"
    if not any(out.iterdir()):
        return "left an empty folder"
    return "left a result" if contents(out) == expected else "LEFT A MIXTURE"


def good(start, room, expected):
    """Return whether the next run succeeds, sweeps up and gives the same bytes."""
    process = start(room / "out")
    process.join()
    swept = not list(room.glob(".out-*")) and not (room / "out" / whole.MARK).exists()
    listed = json.loads((room / "out" / "run.json").read_text("utf-8"))["files"]
    foreign = {p.name for p in (room / "out").iterdir()} - set(listed)
    return process.exitcode == 0 and swept and not foreign and contents(room / "out") == expected


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--writers", type=int, default=0)
    parser.add_argument("--arrays", type=int, default=0)
    parser.add_argument("--entries", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="breakdowns-") as room:
        if options.arrays:
            print(dict(damaged_arrays(Path(room), options.arrays, options.seed)), flush=True)
        if options.entries:
            print(dict(damaged_entries(Path(room), options.entries, options.seed)), flush=True)
        if options.writers:
            print(dict(killed_writers(Path(room), options.writers, options.seed)), flush=True)
        if options.kills:
            print(dict(killed_runs(Path(room), options.kills, options.seed)), flush=True)


if __name__ == "__main__":
    main()
