"""The map page and the report of a small run: contents, escaping, behaviour in a browser."""

import json
import os
import re
import shutil
import time
from html.parser import HTMLParser

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from shapely.geometry import Point, box

from phusong import columns as col
from phusong.errors import InputError
from phusong.geodata.crs import GEOGRAPHIC, PLANNING
from phusong.geodata.grid import covering
from phusong.geodata.landcover import LandCover
from phusong.maps import page, report
from phusong.maps.offline import script_json

WEST, SOUTH, SIDE = 560_010.0, 2_354_010.0, 2_400.0
NASTY = "<script>window.hacked=1</script> \"q\" 'a' & {{ 7*7 }} {% x %} </script> \u2028 😀"
COMMUNES = ["Phường Tích Sơn", "Phường Liên Bảo", "Xã Định Trung", "Xã Thanh Vân", NASTY, "Xã 6"]
REASON = "Phủ sóng thêm 1.200 người tại Phường Tích Sơn <b>"


def frame(rows, shapes):
    return gpd.GeoDataFrame(rows, geometry=shapes, crs=PLANNING)


def communes():
    shapes = [
        box(WEST + SIDE * (i % 3), SOUTH + SIDE * (i // 3), WEST + SIDE * (i % 3 + 1), top)
        for i in range(6)
        for top in [SOUTH + SIDE * (i // 3 + 1)]
    ]
    shares = dict.fromkeys(col.SHARES, 0.25) | {
        col.COVERED_POPULATION_SHARE_AFTER: [0.876, 0.5, 0.3, 0.1, 0.0, 0.0],
        col.COVERED_POPULATION_SHARE_BEFORE: 0.0,
    }
    rows = {
        col.COMMUNE_CODE: [f"0870{i}" for i in range(6)],
        col.NAME: COMMUNES,
        col.NAME_ASCII: COMMUNES,
        col.COMMUNE_TYPE: ["phuong", "phuong", "xa", "xa", "thi tran", "xa"],
        col.DISTRICT_CODE: ["243"] * 3 + ["247"] * 3,
        col.DISTRICT: ["Thành phố Vĩnh Yên"] * 3 + ["Huyện Tam Dương"] * 3,
        col.POPULATION: [9414, 22_737, 8000, 7000, 6000, 5000],
        col.SITES: [4, 2, 1, 1, 1, 1],
    }
    return frame(rows | shares, shapes)


def districts():
    whole = communes().dissolve(col.DISTRICT_CODE)
    rows = {
        col.DISTRICT_CODE: ["243", "247"],
        col.NAME: ["Thành phố Vĩnh Yên", "Huyện Tam Dương"],
        col.NAME_ASCII: ["Thanh pho Vinh Yen", "Huyen Tam Duong"],
        col.POPULATION: [40_151, 18_000],
        col.SITES: [7, 3],
    } | dict.fromkeys(col.SHARES, 0.25)
    return frame(rows, whole.geometry.to_numpy())


def points(count, seed):
    rng = np.random.default_rng(seed)
    x, y = (
        WEST + rng.uniform(50, 3 * SIDE - 50, count),
        SOUTH + rng.uniform(50, 2 * SIDE - 50, count),
    )
    return [Point(*pair) for pair in zip(x, y, strict=True)]


def sites():
    rows = {name: [""] * 10 for name in col.BTS} | {
        col.SITE_ID: [f"VP{i:04d}" for i in range(9)] + [NASTY],
        col.POSITION_ID: ["P1", "P1", *(f"P{i}" for i in range(2, 10))],
        col.OPERATOR: ["Viettel"] * 6 + ["VNPT"] * 3 + ["MobiFone"],
        col.TECHNOLOGIES: ["4G/5G"] + ["3G/4G"] * 9,
        col.STATUS: "live",
        col.COMMUNE_CODE: "08700",
        col.HEIGHT_M: 30.0,
    }
    shapes = points(10, 1)
    return frame(rows, [shapes[0], shapes[0], *shapes[2:]])


def ranking(count=4):
    rows = {name: [0.0] * count for name in col.RANKING} | {
        col.RANK: list(range(1, count + 1)),
        col.SITE_ID: [f"C-{i:04d}" for i in range(1, count + 1)],
        col.KIND: ["colocated", "new"] * (count // 2),
        col.POSITION_ID: "P1",
        col.ZONE_ID: "U01",
        col.COMMUNE_CODE: "08700",
        col.DISTRICT_CODE: "243",
        col.YEAR: [2024] * (count // 2) + [2025] * (count - count // 2),
        col.PEOPLE_GAINED: [1200.0, 900.0, 2500.0, 100.0][:count],
        col.COST_MILLION_VND: 900.0,
        col.REASON: REASON,
    }
    offsets = [(700, 700), (1800, 500), (1700, 1900), (3000, 600)][:count]
    return frame(rows, [Point(WEST + x, SOUTH + y) for x, y in offsets])


def zones():
    rows = {name: [""] * 3 for name in col.RESULT_ZONES} | {
        col.ZONE_ID: ["U01", "I01", "T01"],
        col.KIND: ["urban", "industrial", "tourism"],
        col.NAME: ["Trung tâm", NASTY, "Hồ Đại Lải"],
        col.STATUS: "operating",
        col.COMMUNE_CODE: "08703",
        col.AREA_HA: [50.0, 60.0, None],
        col.WORKERS: [0.0, 8000.0, 0.0],
        col.VISITORS: 0.0,
        col.COVERED_SHARE_BEFORE: 0.0,
        col.COVERED_SHARE_AFTER: [0.5, 0.6, 0.7],
    }
    centres = [(1200, 4300), (3600, 4300), (6000, 4300)]
    return frame(rows, [Point(WEST + x, SOUTH + y).buffer(300) for x, y in centres])


def holes():
    rows = {
        col.COMMUNE_CODE: ["08705"],
        col.DISTRICT_CODE: ["247"],
        col.PEOPLE: [321.0],
        col.AREA_KM2: [0.5],
        col.CAUSE: ["terrain"],
    }
    return frame(rows, [box(WEST + 5000, SOUTH + 2600, WEST + 5800, SOUTH + 3200)])


def record():
    status = {"status": "synthetic", "source": NASTY, "licence": "", "sha256": "", "note": ""}
    both = {"vi": f"Câu tiếng Việt {NASTY}", "en": f"English words {NASTY}"}
    return {
        "phusong": "0.1.0",
        "created": "2026-11-23T05:00:00Z",
        "seed": 1,
        "scenario": {
            "name": "urban",
            "kind": "urban",
            "title": {"vi": f"Đô thị {NASTY}", "en": f"Urban {NASTY}"},
            "description": both,
        },
        "province": {
            "name": "Vĩnh Phúc",
            "units": "2020-03",
            "crs": PLANNING,
            "population": 58_151,
            "area_km2": 34.6,
        },
        "layers": {"communes": status, "sites": status | {"status": "given"}},
        "service": {
            "layer": "NR 2600",
            "frequency_mhz": 2550,
            "threshold_dbm": -105,
            "location": "indoor",
            "entry_loss_db": 15,
            "margin_db": 10.2,
            "probability": 0.9,
            "required_dbm": -79.8,
            "outdoor_threshold_dbm": -110,
        },
        "headline": {
            "stations": 4,
            "colocated": 2,
            "new": 2,
            "cost_million_vnd": 3600.0,
            "population": 58_151,
            "people_before": 1000.0,
            "people_after": 22_345.0,
            "people_share_before": 0.017,
            "people_share_after": 0.384,
            "zone_demand_share_after": 0.5,
            "people_per_station": 5336.0,
        },
        "checks": [{"name": "x", "value": 1, "expected": "1", "ok": True, "explanation": both}],
        "years": [
            {
                "year": year,
                "stations": 2,
                "cost_million_vnd": 1800.0,
                "people_share": 0.2,
                "zone_demand_share": None,
            }
            for year in (2024, 2025)
        ],
        "curve": [
            {"stations": i, "people": 1000.0 + 5336 * i, "cost_million_vnd": 900.0 * i}
            for i in range(1, 5)
        ],
        "assumptions": [both],
        "notes": [],
    }


def write_raster(path, values, grid, nodata):
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        count=1,
        dtype=values.dtype,
        nodata=nodata,
        width=grid.width,
        height=grid.height,
        crs=grid.crs,
        transform=grid.transform,
    ) as target:
        target.write(values, 1)


def write_rasters(folder):
    grid = covering((WEST, SOUTH, WEST + 3 * SIDE, SOUTH + 2 * SIDE), 1500.0)
    x, y = np.meshgrid(*grid.centres())
    south_west = (x < WEST + SIDE) & (y < SOUTH + SIDE)  # the first commune
    terrain = 20 + 300 * np.exp(-((x - WEST - 3 * SIDE) ** 2 + (y - SOUTH) ** 2) / 3e6)
    write_raster(folder / "terrain.tif", terrain.astype(np.int16), grid, -32768)
    cover = np.full(grid.shape, LandCover.FARMLAND, dtype=np.uint8)
    cover[40:50, 60:90] = LandCover.WATER
    write_raster(folder / "landcover.tif", cover, grid, None)
    after = np.where(south_west, -68.0, -101.0).astype(np.float32)
    before = np.where(south_west, -90.0, -9999.0).astype(np.float32)
    for name, values in {
        "rsrp_after": after,
        "rsrp_before": before,
        "rsrp_4g": after + 10,
        "sinr_after": after + 90,
        "throughput_after": after + 200,
    }.items():
        write_raster(folder / f"{name}.tif", values.astype(np.float32), grid, -9999)


def write_run(folder, tables):
    folder.mkdir()
    for name, table in tables.items():
        text = table.to_crs(GEOGRAPHIC).to_json(drop_id=True)
        (folder / f"{name}.geojson").write_text(text, encoding="utf-8")
    write_rasters(folder)
    (folder / "run.json").write_text(json.dumps(record(), ensure_ascii=False), encoding="utf-8")
    return folder


TABLES = (communes, districts, zones, sites, ranking, holes)


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory):
    tables = {make.__name__: make() for make in TABLES}
    return write_run(tmp_path_factory.mktemp("maps") / "run", tables)


@pytest.fixture(scope="module", params=["vi", "en"])
def language(request):
    return request.param


@pytest.fixture(scope="module")
def map_file(run_folder, language):
    written = page.write_map(run_folder, language)
    assert written == run_folder / "map.html"
    return written.rename(run_folder / f"map_{language}.html")


class Parts(HTMLParser):
    """Collects what a page would load, its language, and its data."""

    def __init__(self):
        super().__init__()
        self.loaded, self.language, self.tag, self.data = [], None, None, ""

    def handle_starttag(self, tag, attrs):
        """Note what the element would load, and which script this is."""
        values = dict(attrs)
        self.language = values.get("lang") if tag == "html" else self.language
        self.tag = values.get("id") if tag == "script" else None
        self.loaded += [values[key] for key in ("src", "href", "data") if key in values]

    def handle_data(self, data):
        """Keep the text of the data element."""
        if self.tag == "phusong-data":
            self.data += data


def parsed(path):
    parts = Parts()
    parts.feed(path.read_text(encoding="utf-8"))
    return parts


def test_the_page_loads_nothing_and_names_its_language(map_file, language):
    parts = parsed(map_file)
    assert parts.language == language
    assert parts.loaded == []
    styles = re.findall(r"url\(\s*[\"']?([^\"')]{1,40})", map_file.read_text(encoding="utf-8"))
    assert all(target.startswith(("data:", "#")) for target in styles)


def test_the_data_in_the_page_holds_every_layer(map_file, language):
    data = json.loads(parsed(map_file).data)
    assert len(data["communes"]["rows"]) == len(data["communes"]["geometry"]) == 6
    assert len(data["sites"]["rows"]) == 10
    assert len(data["candidates"]["rows"]) == 4
    assert len(data["zones"]["rows"]) == 3
    assert len(data["holes"]["rows"]) == 1
    assert set(data["pictures"]["urls"]) == {*page.RASTERS, "coverage_gain"}
    assert list(data["colours"]["operators"]) == ["Viettel", "VNPT", "MobiFone"]
    assert data["language"] == language
    assert data["communes"]["rows"][4][1] == NASTY


def test_the_page_is_the_same_each_time(run_folder, map_file):
    again = page.write_map(run_folder, map_file.stem.removeprefix("map_"))
    assert again.read_bytes() == map_file.read_bytes()


def test_data_cannot_end_its_script():
    written = script_json({"name": NASTY})
    assert not re.search("[<>&\u2028\u2029]", written)
    assert json.loads(written) == {"name": NASTY}


def test_the_gain_picture_tells_covered_before_from_newly_covered(run_folder):
    run = page.open_run(run_folder)
    grid = covering((WEST, SOUTH, WEST + 3 * SIDE, SOUTH + 2 * SIDE))
    gain = page.gain_index(run, grid)
    assert (gain[-40:, :40] == 3).all()
    assert (gain[:40] == 1).all()


@pytest.mark.parametrize("missing", ["run.json", "holes.geojson"])
def test_a_folder_that_is_no_run_is_named(run_folder, tmp_path, missing):
    folder = tmp_path / "run"
    shutil.copytree(run_folder, folder)
    (folder / missing).unlink()
    with pytest.raises(InputError, match=f"(?s)not the folder of a finished run.*{missing}"):
        page.write_map(folder, "vi")
    with pytest.raises(InputError, match="unknown language"):
        page.write_map(folder, "xx")


def test_a_missing_column_is_named(run_folder, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(run_folder, folder)
    holes().drop(columns=col.PEOPLE).to_crs(GEOGRAPHIC).to_file(folder / "holes.geojson")
    with pytest.raises(InputError, match="column 'people': column is missing"):
        report.write_report(folder, "vi")


def test_an_empty_plan_still_gives_page_and_report(run_folder, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(run_folder, folder)
    empty = '{"type": "FeatureCollection", "features": []}'
    for name in ("ranking", "zones", "holes", "sites"):
        (folder / f"{name}.geojson").write_text(empty, encoding="utf-8")
    for raster in folder.glob("*.tif"):
        raster.unlink()
    told = record() | {"curve": [], "years": []}
    told["headline"] |= {"stations": 0, "colocated": 0, "new": 0, "cost_million_vnd": 0.0}
    (folder / "run.json").write_text(json.dumps(told), encoding="utf-8")
    data = json.loads(parsed(page.write_map(folder, "en")).data)
    assert data["candidates"]["rows"] == []
    assert data["pictures"]["urls"] == {}
    written = report.write_report(folder, "en").read_text(encoding="utf-8")
    assert "The plan proposes no 5G station." in written


# The report


@pytest.fixture(scope="module")
def report_text(run_folder, language):
    path = report.write_report(run_folder, language)
    assert path == run_folder / "report.html"
    return path.read_text(encoding="utf-8")


def test_the_report_says_the_headline_in_its_language(report_text, language):
    gained = {"vi": "thêm 21.345 người", "en": "21,345 people more"}
    cost = {"vi": "3,6 tỷ đồng", "en": "3.6 billion VND"}
    assert gained[language] in report_text
    assert cost[language] in report_text
    assert f'<html lang="{language}">' in report_text


def test_the_report_has_its_tables_maps_and_charts(report_text):
    tables = report_text.split("<table")[1:]
    assert [table.count("<tr") - 1 for table in tables] == [3, 2, 3, 4, 8]
    assert report_text.count('class="plate"') == 3
    assert report_text.count('class="chart"') == 2
    assert report_text.count('class="station"') == 4
    assert "http://" not in report_text.replace("http://www.w3.org", "")
    assert "https://" not in report_text


def test_the_report_shows_names_as_text(report_text):
    assert "<script" not in report_text
    assert "&lt;script&gt;window.hacked=1&lt;/script&gt;" in report_text
    assert "{{ 7*7 }}" in report_text
    assert report_text.count("Phường Tích Sơn &lt;b&gt;") == 4


# In a browser

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1440,900",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)


def start_browser(profile):
    """Return a headless Chromium; skip without one, fail without one where CI is set."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    driver = shutil.which("chromedriver")
    if program is None or driver is None:
        absent = "no Chromium with chromedriver on this machine: the page was not opened"
        if os.environ.get("CI"):
            pytest.fail(absent)
        pytest.skip(absent)
    webdriver = pytest.importorskip("selenium.webdriver")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return webdriver.Chrome(options, webdriver.ChromeService(driver))


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    browser = start_browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.quit()


def wait(browser, script, seconds=8.0):
    """Wait until a script returns something true, and return it."""
    end = time.monotonic() + seconds
    while not (found := browser.execute_script(f"return {script}")):
        assert time.monotonic() < end, f"never became true: {script}"
        time.sleep(0.03)
    return found


@pytest.fixture
def opened(chromium, map_file):
    """Return the browser with the page freshly opened, its logs empty before."""
    chromium.get("about:blank")
    for log in ("browser", "performance"):
        chromium.get_log(log)
    chromium.get(map_file.as_uri())
    wait(chromium, "document.body.dataset.ready === 'true'")
    return chromium


@pytest.fixture
def kept(chromium, map_file):
    """Return the browser with the page open, nothing chosen and nothing typed."""
    if chromium.current_url != map_file.as_uri():
        chromium.get(map_file.as_uri())
        wait(chromium, "document.body.dataset.ready === 'true'")
    chromium.execute_script("phusong.deselect(); document.getElementById('search').value = '';")
    return chromium


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
    browser.execute_script(
        "document.querySelector(`[data-layer='${arguments[0]}']`).click()", layer
    )


@pytest.mark.browser
def test_opening_raises_no_error_and_asks_nothing_of_the_network(opened, map_file):
    time.sleep(0.3)
    assert [entry["message"] for entry in opened.get_log("browser")] == []
    events = [json.loads(entry["message"])["message"] for entry in opened.get_log("performance")]
    asked = [
        event["params"]["request"]["url"]
        for event in events
        if event["method"] == "Network.requestWillBeSent"
    ]
    assert map_file.as_uri() in asked
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    assert [event for event in events if event["method"] == "Network.loadingFailed"] == []
    assert opened.execute_script("return window.hacked") is None


@pytest.mark.browser
def test_the_layer_control_lists_every_layer_and_each_one_draws(opened):
    listed = opened.execute_script(
        "return [...document.querySelectorAll('#page-layers [data-layer]')]"
        ".map((input) => input.dataset.layer)"
    )
    pictures = {*page.RASTERS, "coverage_gain", "communes_before", "communes_after", "none"}
    assert set(listed) == (
        {f"surface:{name}" for name in pictures}
        | {"years:2024", "years:2025", "operators:Viettel", "operators:VNPT", "operators:MobiFone"}
        | {"zones:urban", "zones:industrial", "zones:tourism"}
        | {f"show:{name}" for name in ("live_5g", "holes", "relief", "names")}
        | {"show:district_lines", "show:commune_lines"}
    )
    for layer, pane in {
        "operators:VNPT": "network",
        "zones:tourism": "areas",
        "show:holes": "areas",
        "show:commune_lines": "areas",
        "show:names": "network",
        "years:2025": "plan",
    }.items():
        before = ink(opened, pane)
        tick(opened, layer)
        after = ink(opened, pane)
        assert before != after, layer
        tick(opened, layer)
        assert ink(opened, pane) == before, layer
    tick(opened, "years:2024")
    tick(opened, "years:2025")
    assert ink(opened, "plan") == 0


@pytest.mark.browser
def test_a_theme_replaces_another_and_the_legend_follows(opened, language):
    assert ink(opened, "theme") > 1000
    tick(opened, "surface:rsrp_after")
    wait(opened, "document.querySelector('.leaflet-themePicture-pane img')?.complete")
    assert ink(opened, "theme") == 0
    legend = opened.find_element("id", "legend").text
    assert "SS-RSRP" in legend
    assert "dBm" in legend
    assert {"vi": "−79,8", "en": "−79.8"}[language] in legend
    assert "MobiFone" not in legend
    tick(opened, "operators:MobiFone")
    assert "MobiFone" in opened.find_element("id", "legend").text
    tick(opened, "surface:none")
    assert opened.find_elements("css selector", ".leaflet-themePicture-pane img") == []


@pytest.mark.browser
def test_a_picture_says_its_value_where_the_value_is(kept):
    tick(kept, "surface:rsrp_after")
    places = frame({}, [Point(WEST + 1200, SOUTH + 1200), Point(WEST + 3600, SOUTH + 1200)])
    said = [
        kept.execute_async_script(
            "phusong.surface.valueAt({lng: arguments[0], lat: arguments[1]}).then(arguments[2])",
            place.x,
            place.y,
        )
        for place in places.to_crs(GEOGRAPHIC).geometry
    ]
    assert said == ["−70 … −65 dBm", "−105 … −100 dBm"]


@pytest.mark.browser
def test_pressing_a_commune_shows_its_figures(opened, language):
    place = frame({}, [Point(WEST + 300, SOUTH + 2000)]).to_crs(GEOGRAPHIC).geometry.iloc[0]
    press(opened, place.x, place.y)
    card = opened.find_element("id", "card").text
    for said in (
        "Phường Tích Sơn",
        "08700",
        {"vi": "9.414 người", "en": "9,414 people"}[language],
        {"vi": "87,6%", "en": "87.6%"}[language],
        {"vi": "5,76 km²", "en": "5.76 km²"}[language],
        "Viettel",
    ):
        assert said in card
    opened.find_element("css selector", "#card .close").click()
    assert not opened.find_element("id", "card").is_displayed()


@pytest.mark.browser
def test_pressing_a_station_shows_rank_reason_and_cost(opened, language):
    place = ranking().to_crs(GEOGRAPHIC).geometry.iloc[2]
    press(opened, place.x, place.y)
    card = opened.find_element("id", "card").text
    assert "C-0003" in card
    assert REASON in card
    assert {"vi": "2.500 người", "en": "2,500 people"}[language] in card
    assert {"vi": "900 triệu đồng", "en": "900 million VND"}[language] in card
    opened.find_element("css selector", "#card footer button:last-child").click()
    assert "C-0004" in opened.find_element("id", "card").text


@pytest.mark.browser
@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("vinh yen", "Thành phố Vĩnh Yên"),
        ("Vĩnh Yên", "Thành phố Vĩnh Yên"),
        ("dinh trung", "Xã Định Trung"),
        ("TÍCH", "Phường Tích Sơn"),
        ("vp0003", "VP0003"),
        ("dai lai", "Hồ Đại Lải"),
        ("I01", NASTY.replace("\u2028 ", "")),
    ],
)
def test_search_finds_with_and_without_marks(kept, typed, found):
    field = kept.find_element("id", "search")
    field.send_keys(typed)
    first = wait(kept, "document.querySelector('#search-results [role=option]')?.textContent")
    assert found.split()[0] in first
    field.send_keys("\ue007")
    title = wait(kept, "document.querySelector('#card h2')?.textContent")
    assert " ".join(title.split()) == " ".join(found.split())


@pytest.mark.browser
def test_search_says_when_it_finds_nothing(kept, language):
    kept.find_element("id", "search").send_keys("zzzz")
    assert {"vi": "Không tìm thấy", "en": "Nothing found"}[language] in kept.find_element(
        "id", "search-results"
    ).text


@pytest.mark.browser
def test_the_ranking_sorts_and_brings_the_map_to_a_station(opened):
    opened.find_element("id", "tab-ranking").click()
    ranks = "[...document.querySelectorAll('.ranking tbody tr')].map((row) => row.dataset.rank)"
    assert opened.execute_script(f"return {ranks}") == ["1", "2", "3", "4"]
    opened.find_element("css selector", "th.people_gained button").click()
    assert opened.execute_script(f"return {ranks}") == ["3", "1", "2", "4"]
    row = opened.find_element("css selector", ".ranking tbody tr")
    row.send_keys("\ue007")
    assert "C-0003" in opened.find_element("id", "card").text
    place = ranking().to_crs(GEOGRAPHIC).geometry.iloc[2]
    wait(opened, f"phusong.map.getBounds().contains([{place.y}, {place.x}])")
    wait(opened, "phusong.map.getZoom() >= 13")


@pytest.mark.browser
def test_names_from_data_stay_text(kept):
    kept.execute_script("phusong.select('commune', phusong.communes[4])")
    title = kept.execute_script("return document.querySelector('#card h2').textContent")
    assert title == NASTY
    kept.execute_script("phusong.select('site', phusong.sites[9])")
    assert kept.execute_script("return document.querySelector('#card h2').textContent") == NASTY
    kept.find_element("id", "tab-about").click()
    assert NASTY.split("\u2028", maxsplit=1)[0].strip() in kept.find_element(
        "id", "page-about"
    ).get_attribute("textContent")
    assert kept.execute_script("return window.hacked") is None
    assert kept.execute_script("return document.querySelectorAll('#card script').length") == 0


@pytest.mark.browser
def test_vnpt_colours_repaint_the_picture(opened):
    tick(opened, "surface:rsrp_after")
    opened.execute_script(
        "const s = document.getElementById('palette'); s.value = 'vnpt';"
        "s.dispatchEvent(new Event('change'));"
    )
    wait(
        opened,
        "document.querySelector('.leaflet-themePicture-pane img')?.src"
        " !== phusong.data.pictures.urls.rsrp_after",
    )
    ticks = opened.execute_script(
        "return [...document.querySelectorAll('#legend .ticks span')].map((s) => s.textContent)"
    )
    assert ticks == ["−105", "−95", "−85", "−75", "−65"]


@pytest.mark.browser
def test_on_a_phone_the_map_keeps_its_room(opened):
    size = {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}
    opened.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        opened.refresh()
        wait(opened, "document.body.dataset.ready === 'true'")
        assert opened.execute_script("return document.documentElement.scrollWidth") == 390
        chart = opened.execute_script(
            "const box = phusong.map.getContainer().getBoundingClientRect();"
            "return [box.width, box.height];"
        )
        assert chart[0] == 390
        assert chart[1] > 500
        opened.find_element("id", "tab-layers").click()
        assert opened.find_element("id", "page-layers").is_displayed()
        opened.find_element("id", "tab-layers").click()
        assert not opened.find_element("id", "page-layers").is_displayed()
    finally:
        opened.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
