"""Take the pictures of map and report in docs/img, in both languages, at desktop and phone size.

Run with ``python -m benchmarks.pictures RUN``: the folder of a finished run. Needs Chromium,
chromedriver and selenium.
"""

import base64
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import pages
from phusong.maps.pages import province_map
from phusong.maps.report import report

IMG = Path(__file__).resolve().parent.parent / "docs" / "img"
SIZES = {"desktop": (1400, 900), "phone": (390, 844)}
QUALITY = 82  # of the JPEG
SETTLE_S = 1.5
CITIES = "phusong.map.setView([21.309, 105.605], 13, { animate: false });"
# What is shown on the page before the picture is taken, by name of the picture.
SCENES = {
    "map": "",
    "ranking": "document.getElementById('tab-ranking').click();"
    "document.documentElement.classList.contains('wide') || phusong.ranking.widen();"
    "phusong.select('candidate', phusong.candidates[3], { zoom: true });",
    "divider": f"{CITIES} phusong.state.surface = 'rsrp_after'; phusong.swipe.toggle(true);"
    "phusong.refresh();",
}


def scenes(size: str) -> tuple[str, ...]:
    """Return the scenes of the map at a size: a phone shows the first alone."""
    return tuple(SCENES) if size == "desktop" else ("map",)


def taken(driver: Any) -> bytes:  # noqa: ANN401 - selenium has no types
    """Return a picture of what the browser shows, as JPEG."""
    time.sleep(SETTLE_S)
    options = {"format": "jpeg", "quality": QUALITY}
    return base64.b64decode(driver.execute_cdp_cmd("Page.captureScreenshot", options)["data"])


def write(run: Path, language: str, driver: Any) -> None:  # noqa: ANN401
    """Write the pictures of a run in one language."""
    province_map.write_map(run, language)
    report.write_report(run, language)
    for size, (width, height) in SIZES.items():
        told = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": size == "phone"}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", told)
        for name in scenes(size):
            driver.get((run / "map.html").as_uri())
            driver.execute_script(SCENES[name])
            (IMG / f"{name}_{size}_{language}.jpg").write_bytes(taken(driver))
        driver.get((run / "report.html").as_uri())
        (IMG / f"report_{size}_{language}.jpg").write_bytes(taken(driver))


def main(arguments: Sequence[str] | None = None) -> None:
    """Take all pictures of a run."""
    (run,) = sys.argv[1:] if arguments is None else arguments
    with tempfile.TemporaryDirectory() as folder, pages.browser() as driver:
        if driver is None:
            sys.exit("the pictures need Chromium, chromedriver and selenium")
        copy = Path(shutil.copytree(run, Path(folder) / "run"))
        for language in ("vi", "en"):
            write(copy, language, driver)


if __name__ == "__main__":
    main()
