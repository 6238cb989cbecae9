"""Headless Chromium without network, and what tests ask of a page in it."""

import importlib.util
import json
import os
import shutil
import time

import pytest

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1440,900",
)
NO_HOST = "--host-resolver-rules=MAP * ~NOTFOUND"
READY = "document.body.dataset.ready === 'true'"
PHONE = {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}


def start(profile, *, loopback=False):
    """Return a headless Chromium; skip without one, fail without one where CI is set.

    It reaches no host, or only this computer by its number.
    """
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    driver = shutil.which("chromedriver")
    if program is None or driver is None or importlib.util.find_spec("selenium") is None:
        absent = "needs Chromium, chromedriver and selenium: the page was not opened"
        if os.environ.get("CI"):
            pytest.fail(absent)
        pytest.skip(absent)
    from selenium import webdriver  # noqa: PLC0415 - only where a browser is

    options = webdriver.ChromeOptions()
    options.binary_location = program
    reach = f"{NO_HOST} , EXCLUDE 127.0.0.1" if loopback else NO_HOST
    for flag in (*FLAGS, reach, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return webdriver.Chrome(options, webdriver.ChromeService(driver))


def open_page(browser, path):
    """Open a page afresh, the browser's logs empty before, and wait until it is ready."""
    browser.get("about:blank")
    for log in ("browser", "performance"):
        browser.get_log(log)
    browser.get(path.as_uri())
    wait(browser, READY)


def keep_page(browser, path):
    """Open a page unless it is open, with nothing chosen and nothing typed."""
    if browser.current_url != path.as_uri():
        browser.get(path.as_uri())
        wait(browser, READY)
    browser.execute_script("phusong.deselect(); document.getElementById('search').value = '';")


def wait(browser, script, seconds=8.0):
    """Wait until a script returns something true, and return it."""
    end = time.monotonic() + seconds
    while not (found := browser.execute_script(f"return {script}")):
        assert time.monotonic() < end, f"never became true: {script}"
        time.sleep(0.03)
    return found


def press(browser, lon, lat):
    """Press the mouse where a place is on the screen."""
    from selenium.webdriver import ActionChains  # noqa: PLC0415 - only where a browser is

    x, y = browser.execute_script(
        "const at = phusong.map.latLngToContainerPoint([arguments[0], arguments[1]]), "
        "box = phusong.map.getContainer().getBoundingClientRect();"
        "return [box.left + at.x, box.top + at.y];",
        lat,
        lon,
    )
    body = browser.find_element("tag name", "body")
    size = body.rect
    ActionChains(browser).move_to_element_with_offset(
        body, round(x - size["width"] / 2), round(y - size["height"] / 2)
    ).click().perform()


def ink(browser, pane):
    """Return how many pixels a drawing pane has painted."""
    return browser.execute_script(
        "const c = document.querySelector(`.leaflet-${arguments[0]}-pane canvas`);"
        "const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
        "let n = 0; for (let i = 3; i < d.length; i += 4) if (d[i]) n += 1; return n;",
        pane,
    )


def tick(browser, layer):
    """Press the control of a layer."""
    browser.execute_script(
        "document.querySelector(`[data-layer='${arguments[0]}']`).click()", layer
    )


def asked_of_the_network(browser):
    """Return the addresses that a page asked for beside files and data, and what failed."""
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    asked = [
        event["params"]["request"]["url"]
        for event in events
        if event["method"] == "Network.requestWillBeSent"
    ]
    assert any(url.startswith("file:") for url in asked)
    failed = [event for event in events if event["method"] == "Network.loadingFailed"]
    return [url for url in asked if not url.startswith(("file:", "data:", "blob:"))], failed
