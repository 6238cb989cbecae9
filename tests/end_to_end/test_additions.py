"""The usual additions: a toy of each, added as docs/design.md says, reaches what a run writes."""

import base64
import io
import json
import re
import sqlite3
import zipfile
from contextlib import closing
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from PIL import Image

from phusong import columns as col
from phusong import meanings
from phusong.commands import cli
from phusong.coverage.models import REGISTRY, Range, by_distance
from phusong.coverage.models.model import ANY
from phusong.errors import InputError
from phusong.geodata.files import csv_rows, input_formats
from phusong.geodata.files.csv_rows import Line
from phusong.geodata.files.input_formats import RowFormat
from phusong.geodata.ground.terrain import slope_deg
from phusong.geodata.province import LandCover
from phusong.geodata.writers import labels
from phusong.geodata.writers.labels import LayerLabel
from phusong.maps.layers import themes
from phusong.maps.layers.themes import Theme, raster
from phusong.maps.pictures.palette import Classes, rgb
from phusong.meanings import Column
from phusong.messages import SHIPPED, catalogue
from phusong.scenarios.config import schema
from phusong.scenarios.criteria import zone_criteria
from phusong.scenarios.criteria.zone_criteria import ZoneCriterion
from phusong.scenarios.results import radio_layers
from phusong.scenarios.results.radio_layers import RasterLayer, VectorLayer


def read_json_lines(path, recognised):
    """Return the objects of a file, one a line, as rows below their keys."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    cells = [list(rows[0]), *([str(value) for value in row.values()] for row in rows)]
    lines = [Line(number, row) for number, row in enumerate(cells)]
    return csv_rows.sheet(path, lines, recognised)


def settled_unserved_km2(compared):
    """Return the area of settled land that is not served in each zone."""
    grid = compared.province.landcover
    settled = np.isin(grid.values.ravel(), (LandCover.URBAN, LandCover.SETTLEMENT))
    return compared.unserved(settled * grid.grid.pixel_m**2 / 1e6)


SETTLED = ZoneCriterion(
    "settled",
    "settled_unserved_km2",
    "km2 of settled land",
    True,
    "land cover of the province",
    settled_unserved_km2,
)
WORDS = {  # by section and key: Vietnamese, English
    ("model", "plane_earth"): ("Mặt đất phẳng", "Plane earth"),
    ("criterion", "settled"): (
        "diện tích đất ở chưa được phục vụ",
        "settled land not served today",
    ),
    ("column", "settled_unserved_km2"): (
        "đất ở chưa được phục vụ",
        "settled land not served today",
    ),
    ("layer", "positions"): ("Cột ăng ten hiện có", "Existing masts"),
    ("layer", "slope"): ("Độ dốc", "Slope"),
    ("raster", "slope"): ("độ dốc của mặt đất", "slope of the ground"),
    ("page", "ground_height"): ("Độ cao mặt đất", "Height of ground"),
}


def plane_earth_loss_db(distance_m, _frequency_mhz, base_height_m, user_height_m):
    """Return the loss over a plane, far from the antennas: h1 h2 / d^2, squared."""
    return 40 * np.log10(distance_m) - 20 * np.log10(base_height_m * user_height_m)


PLANE_EARTH = by_distance.model(
    "plane_earth",
    plane_earth_loss_db,
    title="Plane earth",
    title_vi="Mặt đất phẳng",
    source="Bullington, Radio propagation at frequencies above 30 megacycles, 1947",
    frequency_mhz=Range(30.0, 3000.0),
    distance_m=Range(1000.0, 50_000.0),
    base_height_m=ANY,
    user_height_m=ANY,
)
HEIGHT_CLASSES = Classes(
    "height", "unit_m", (20.0, 60.0, 120.0), ("", "#cfe0c3", "#8fae7c", "#4d6b3c")
)
HEIGHT = Theme("ground_height", "surface_signal", "today", raster("terrain", HEIGHT_CLASSES))
POSITIONS = VectorLayer(
    "positions",
    lambda plan: plan.province.sites.drop_duplicates(col.POSITION_ID),
    lambda: (col.POSITION_ID, col.HEIGHT_M),
)
POSITIONS_LABEL = LayerLabel("network", shown=True)
SLOPE = RasterLayer(
    "slope",
    "deg",
    lambda plan: slope_deg(plan.province.terrain).astype(np.float32),
)
SLOPE_LABEL = LayerLabel("ground")
SETTLED_COLUMN = Column("settled_unserved_km2", "km2")
JSON_LINES = RowFormat("JSON lines", (".jsonl",), read_json_lines)


@pytest.fixture(scope="module", autouse=True)
def _added():
    """Add each toy in its registry, as its one line would."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(input_formats, "FORMATS", (*input_formats.FORMATS, JSON_LINES))
        patch.setitem(REGISTRY, PLANE_EARTH.name, PLANE_EARTH)
        patch.setattr(zone_criteria, "CRITERIA", (*zone_criteria.CRITERIA, SETTLED))
        for (section, key), words in WORDS.items():
            for language, text in zip(SHIPPED, words, strict=True):
                patch.setitem(
                    catalogue.catalogue(language).sections.setdefault(section, {}), key, text
                )
        patch.setattr(radio_layers, "VECTORS", (*radio_layers.VECTORS, POSITIONS))
        patch.setattr(radio_layers, "RASTERS", (*radio_layers.RASTERS, SLOPE))
        patch.setitem(labels.LABELS, "positions", POSITIONS_LABEL)
        patch.setitem(labels.LABELS, "slope", SLOPE_LABEL)
        patch.setattr(themes, "THEMES", (*themes.THEMES, HEIGHT))
        patch.setitem(meanings.COLUMNS, SETTLED_COLUMN.name, SETTLED_COLUMN)
        yield


@pytest.fixture(scope="module")
def site_list(mini_province, tmp_path_factory):
    """Return the sites of the small province as JSON lines."""
    path = tmp_path_factory.mktemp("given") / "bts.jsonl"
    sites = mini_province.sites.to_crs(4326)
    rows = [
        {"Mã trạm": site, "Kinh độ": point.x, "Vĩ độ": point.y, "Nhà mạng": operator}
        for site, operator, point in zip(
            sites[col.SITE_ID], sites[col.OPERATOR], sites.geometry, strict=True
        )
    ]
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def out(mini_folder, site_list, tmp_path_factory):
    """Return the folder of a small run with every toy."""
    path = tmp_path_factory.mktemp("run") / "urban"
    settings = (
        "rollout.stations={ 2024 = 2 }",
        "propagation.model=plane_earth",
        "candidates.lattice_m=580",
        'weights.pairwise={ "people / settled" = 1.0 }',
    )
    arguments = ["run", "urban", "--province", mini_folder, "--sites", site_list, "--out", path]
    options = [part for setting in settings for part in ("--set", setting)]
    assert cli.main([*map(str, arguments), "--lang", "en", *options]) == cli.DONE
    return path


@pytest.fixture(scope="module")
def record(out):
    return json.loads((out / "run.json").read_text(encoding="utf-8"))


def headings(package, layer):
    """Return the headings of the columns of a layer of a GeoPackage."""
    with closing(sqlite3.connect(package)) as database:
        return dict(
            database.execute(
                "SELECT column_name, title FROM gpkg_data_columns WHERE table_name = ?", [layer]
            )
        )


def test_an_input_format_is_checked_and_read(record, site_list, mini_folder, capsys):
    arguments = ["data", "check", site_list.parent, "--province", mini_folder]
    assert cli.main([*map(str, arguments)]) == cli.DONE
    assert "12 usable sites" in capsys.readouterr().out
    assert record["headline"]["sites"] == 12
    assert "bts.jsonl" in json.dumps(record["layers"])


def test_a_propagation_model_predicts_a_path_and_a_run(out, record, mini_folder, capsys):
    """The loss of the path is the equation's; the run tells its name and source."""
    assert cli.main(["models"]) == cli.DONE
    assert "plane_earth" in capsys.readouterr().out
    ends = ["--from", "105.57,21.29,30", "--to", "105.60,21.29,1.5", "--frequency-mhz", "2000"]
    chosen = ["--province", str(mini_folder), "--model", "plane_earth", "--json"]
    assert cli.main(["link", *ends, *chosen]) == cli.DONE
    link = json.loads(capsys.readouterr().out)
    expected = plane_earth_loss_db(link["distance_m"], 2000, 30, 1.5)
    assert link["loss_db"] == pytest.approx(expected, abs=0.01)
    assert record["parameters"]["propagation"]["model"] == "plane_earth"
    assert PLANE_EARTH.source in json.dumps(record["assumptions"])
    with rasterio.open(out / "rsrp_after.tif") as source:
        assert source.read(1, masked=True).count() > 1000


def test_a_criterion_is_measured_weighed_and_shown(out, record):
    """Its column, its weight, its heading for GIS and spreadsheet, and its words in the pages."""
    table = gpd.read_file(out / "zones_ranking.geojson")
    assert table["settled_unserved_km2"].max() > 0
    zones = record["choice"]["zones"]
    (settled,) = [c for c in zones["criteria"] if c["name"] == "settled"]
    assert settled["high"] == pytest.approx(table["settled_unserved_km2"].max(), abs=1e-4)
    assert settled["weight"] == zones["weights"]["settled"] == pytest.approx(0.5)
    of_column = headings(out / "plan.gpkg", "zones_ranking")["settled_unserved_km2"]
    assert of_column.startswith("Settled land not served")
    page = (out / "map.html").read_text(encoding="utf-8")
    assert '"km2 of settled land"' in page
    report = (out / "report.html").read_text(encoding="utf-8")
    assert "/ Settled land not served today = 1" in report


def test_a_map_theme_is_drawn_and_listed(out):
    """The hill of 220 m stands on a plain of 10 m, which is clear."""
    data = data_of(out / "map.html")
    listed = {theme["name"]: theme for theme in data["themes"]}
    assert listed["ground_height"]["picture"] == "ground_height"
    assert data["pictures"]["classes"]["ground_height"] == "height"
    assert data["palettes"]["height"]["breaks"] == [20, 60, 120]
    assert data["text"]["ground_height"] == "Height of ground"
    encoded = data["pictures"]["urls"]["ground_height"].partition(",")[2]
    picture = Image.open(io.BytesIO(base64.b64decode(encoded))).convert("RGBA")
    shown = {colour for _, colour in picture.getcolors() if colour[3]}
    assert shown == {(*rgb(colour), 255) for colour in HEIGHT_CLASSES.colours if colour}


def test_output_layers_are_written_packed_and_opened(out, record):
    """Files of their own, and a place with a title in the package and in the project."""
    frame = gpd.read_file(out / "positions.geojson")
    assert list(frame.columns) == [col.POSITION_ID, col.HEIGHT_M, "geometry"]
    assert len(frame) == frame[col.POSITION_ID].nunique() > 1
    with rasterio.open(out / "slope.tif") as source:
        assert (source.descriptions[0], source.units[0]) == ("slope of the ground", "deg")
        assert source.read(1).max() > 10  # on the hill
    assert {"positions.geojson", "slope.tif", "slope.qml"} <= set(record["files"])
    assert len(gpd.read_file(out / "plan.gpkg", layer="positions")) == len(frame)
    project = ET.parse(out / "plan.qgs").getroot()  # noqa: S314 - written by this test
    groups = {
        group.get("name"): [layer.get("name") for layer in group.iter("layer-tree-layer")]
        for group in project.iter("layer-tree-group")
        if group.get("name")
    }
    assert "Existing masts" in groups["Existing network"]
    assert "Slope" in groups["Ground"]


def data_of(page):
    """Return the data that a page carries for its scripts."""
    text = page.read_text(encoding="utf-8")
    (held,) = re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', text, re.DOTALL)
    return json.loads(held)


def test_a_weight_without_its_criterion_is_refused(monkeypatch):
    others = tuple(one for one in zone_criteria.CRITERIA if one is not SETTLED)
    monkeypatch.setattr(zone_criteria, "CRITERIA", others)
    with pytest.raises(InputError, match="there is no criterion 'settled'"):
        schema.load("urban", ["weights.settled=1.0"])


def test_an_input_format_is_read_out_of_an_archive(site_list, tmp_path, capsys):
    with zipfile.ZipFile(tmp_path / "bts.zip", "w") as archive:
        archive.write(site_list, site_list.name)
    assert cli.main(["data", "check", str(tmp_path / "bts.zip")]) == cli.DONE
    assert "12 usable sites" in capsys.readouterr().out


def test_a_file_of_no_format_is_not_read(site_list, monkeypatch, capsys):
    """Without its record the same file is none."""
    others = [form for form in input_formats.FORMATS if form is not JSON_LINES]
    monkeypatch.setattr(input_formats, "FORMATS", others)
    assert cli.main(["data", "check", str(site_list)]) == cli.WRONG_INPUT
    assert "bts.jsonl: cannot be read" in capsys.readouterr().out
