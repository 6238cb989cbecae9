"""Measure the map page: its size, how fast it opens, moves and answers, few sites and many.

Run with ``python -m benchmarks.pages [RUN]``: the folder of a finished run, by default one of the
urban scenario made here. Times of the browser need Chromium, chromedriver and selenium.
"""

import contextlib
import importlib
import multiprocessing
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import geopandas as gpd
import numpy as np
from shapely import points

from benchmarks import usage
from phusong import columns as col
from phusong.geodata.crs import PLANNING
from phusong.geodata.packages import package
from phusong.geodata.runs import folder as run_folder
from phusong.geodata.writers import lineage, vector
from phusong.maps.pages import province_map

MANY = 100_000
SHARED = 0.19  # of the sites stand on the mast of another, as published for the province
STRAY_M = 300.0
SEED = 1
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1400,900")
ZOOMS = {
    "whole province": 0.0,
    "a town": 4.0,
    "streets": 6.0,
}  # steps above the zoom of the whole province

# Collect the time between frames until told to stop.
WATCH = """
window.frames = []; window.watching = true; let last = performance.now();
(function tick(now) {
  frames.push(now - last);
  last = now;
  if (watching) requestAnimationFrame(tick);
})(last);
"""
# Milliseconds of each of 400 hits spread over the map.
HITS = """
const map = phusong.map, size = map.getSize(), spent = [];
for (let i = 0; i < 400; i += 1) {
  const at = map.containerPointToLatLng([(i * 97) % size.x, (i * 57) % size.y]);
  const start = performance.now();
  phusong.pointer.hit(at);
  spent.push(performance.now() - start);
}
return spent;
"""
TIMED = "const start = performance.now(); {}; return performance.now() - start"
DRAW = TIMED.format("phusong.symbols.redraw()")
FIND = TIMED.format("phusong.search.find(arguments[0])")
HEADER = (
    "| sites | page MB | drawn in s | peak MiB | opens in s | zoom "
    "| frames ms: median / p95 / longest | redraw ms | pointer ms, longest "
    "| search ms: first, next |\n|---|---|---|---|---|---|---|---|---|---|"
)
T = TypeVar("T")


class Moved(NamedTuple):
    """Milliseconds: frames while the map is dragged, a redraw, and the answer to a pointer."""

    frame_median: float
    frame_p95: float
    frame_longest: float
    redraw: float
    hit_longest: float


def enlarge(run: Path, target: Path, count: int, seed: int = SEED) -> Path:
    """Copy a run folder with ``count`` sites that stand like its own, each strayed a little."""
    shutil.copytree(run, target)
    own = run_folder.open_run(run).sites.to_crs(PLANNING)
    rng = np.random.default_rng(seed)
    made = own.iloc[rng.integers(len(own), size=count)].reset_index(drop=True)
    xy_m = np.column_stack([made.geometry.x, made.geometry.y]) + rng.normal(0, STRAY_M, (count, 2))
    mast = np.where(rng.random(count) < SHARED, np.arange(count) // 2, np.arange(count))
    made[col.SITE_ID] = [f"{name[:3]}-{i:06d}" for i, name in enumerate(made[col.SITE_ID])]
    made[col.POSITION_ID] = [f"P{i:06d}" for i in mast]
    made = made.set_geometry(gpd.GeoSeries(points(xy_m[mast]), crs=PLANNING))
    vector.write_geojson(target / "sites.geojson", made, col.BTS)
    return target


def alone(work: Callable[[Path], T], run: Path) -> T:
    """Return what a function makes of a run folder, in a process whose peak is its own."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, run).result()


def drawn(run: Path) -> tuple[float, float, float]:
    """Draw the map of a run: seconds, peak MiB, MB of the page."""
    start = time.perf_counter()
    path = province_map.write_map(run, "vi")
    return time.perf_counter() - start, usage.peak_mib(), path.stat().st_size / 1e6


def packed(run: Path) -> tuple[dict[str, float], float]:
    """Write what GIS programs open once more, from the files of a run: seconds, peak MiB."""
    opened = run_folder.open_run(run)
    layers = {name: getattr(opened, name).to_crs(PLANNING) for name in run_folder.TABLES}
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        vector.write_geojson(Path(folder) / "sites.geojson", layers["sites"], col.BTS)
        middle = time.perf_counter()
        package.write(Path(folder), layers, lineage.publication_of(opened.record))
        seconds = {"sites.geojson": middle - start, "the package": time.perf_counter() - middle}
    return seconds, usage.peak_mib()


@contextlib.contextmanager
def browser() -> Iterator[Any]:
    """Open headless Chromium, or yield None where it or its driver is missing."""
    found = [shutil.which(name) for name in ("chromium", "chromedriver")]
    if None in found or importlib.util.find_spec("selenium") is None:
        yield None
        return
    webdriver = importlib.import_module("selenium.webdriver")
    options = webdriver.ChromeOptions()
    options.binary_location = found[0]
    for flag in FLAGS:
        options.add_argument(flag)
    driver = webdriver.Chrome(options, webdriver.ChromeService(found[1]))
    try:
        yield driver
    finally:
        driver.quit()


def opening_s(driver: Any, path: Path) -> float:  # noqa: ANN401 - a module without types
    """Return seconds from the start of loading until the page says that it is ready."""
    driver.get("about:blank")
    start = time.perf_counter()
    driver.get(path.as_uri())
    while not driver.execute_script("return document.body.dataset.ready === 'true'"):
        time.sleep(0.005)
    return time.perf_counter() - start


def show_all(driver: Any) -> None:  # noqa: ANN401 - likewise
    """Show the sites of every operator."""
    driver.execute_script(
        "phusong.state.operators = new Set(Object.keys(phusong.data.colours.operators));"
        "phusong.refresh()"
    )


def moved(driver: Any, steps: float) -> Moved:  # noqa: ANN401 - likewise
    """Drag the map about at a zoom and return how smoothly it went."""
    driver.execute_script(
        "phusong.fitProvince(); const map = phusong.map, [lon, lat] = phusong.districts[0].label;"
        "const zoom = map.getZoom() + arguments[0];"
        "if (arguments[0]) map.setView([lat, lon], zoom, {animate: false});",
        steps,
    )
    driver.execute_script(WATCH)
    for turn in range(4):
        drag(driver, 120 * (-1) ** turn, 60 * (-1) ** (turn // 2))
    frames = np.array(
        driver.execute_script("window.watching = false; return window.frames.slice(1)")
    )
    hits = driver.execute_script(HITS)
    redraws = [driver.execute_script(DRAW) for _ in range(5)]
    middle, most = np.percentile(frames, [50, 95])
    return Moved(middle, most, frames.max(), float(np.median(redraws)), max(hits))


def drag(driver: Any, dx: int, dy: int, count: int = 30) -> None:  # noqa: ANN401 - likewise
    """Drag the middle of the map by so many pixels in so many moves of the mouse."""
    x, y = 900, 450
    point = {"button": "left", "buttons": 1, "clickCount": 1}
    event = "Input.dispatchMouseEvent"
    driver.execute_cdp_cmd(event, {"type": "mousePressed", "x": x, "y": y, **point})
    for i in range(1, count + 1):
        at = {"x": x + dx * i // count, "y": y + dy * i // count}
        driver.execute_cdp_cmd(event, {"type": "mouseMoved", **at, **point})
    end = {"x": x + dx, "y": y + dy}
    driver.execute_cdp_cmd(event, {"type": "mouseReleased", **end, **point})


def report(driver: Any, run: Path, count: int) -> None:  # noqa: ANN401 - likewise
    """Print what one page of ``count`` sites does."""
    seconds, peak_mib, size_mb = alone(drawn, run)
    said = f"| {count:,} | {size_mb:.1f} | {seconds:.1f} | {peak_mib:.0f} "
    if driver is None:
        print(f"{said}| no browser | | | | | | |", flush=True)
        return
    opened_s = [opening_s(driver, run / "map.html") for _ in range(3)]
    show_all(driver)
    finds = [driver.execute_script(FIND, "000123") for _ in range(2)]
    for name, steps in ZOOMS.items():
        found = moved(driver, steps)
        print(
            f"{said}| {np.median(opened_s):.2f} | {name} | {found.frame_median:.0f} / "
            f"{found.frame_p95:.0f} / {found.frame_longest:.0f} | {found.redraw:.0f} "
            f"| {found.hit_longest:.1f} | {finds[0]:.0f}, {finds[1]:.0f} |",
            flush=True,
        )


def made(folder: Path) -> Path:
    """Run the urban scenario into a folder."""
    command = [sys.executable, "-m", "phusong", "run", "urban", "--out", str(folder)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return folder


def main(words: Sequence[str] = ()) -> None:
    """Print a table of a run as it is and with many sites, and the sizes of its files."""
    with tempfile.TemporaryDirectory() as folder, browser() as driver:
        run = Path(words[0]) if words else made(Path(folder) / "urban")
        print(HEADER)
        own = Path(shutil.copytree(run, Path(folder) / "own"))
        many = alone(partial(enlarge, target=Path(folder) / "many", count=MANY), run)
        report(driver, own, len(run_folder.open_run(own).sites))
        report(driver, many, MANY)
        seconds, peak_mib = alone(packed, many)
        steps = ", ".join(f"{name} in {s:.1f} s" for name, s in seconds.items())
        print(f"\n{MANY:,} sites written for GIS: {steps}, peak {peak_mib:.0f} MiB.")
        sizes = sorted(((p.stat().st_size / 1000, p.name) for p in run.iterdir()), reverse=True)
        print(f"\nSizes, kB: {', '.join(f'{name} {kb:,.0f}' for kb, name in sizes)}.")


if __name__ == "__main__":
    main(sys.argv[1:])
