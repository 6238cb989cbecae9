"""The package for GIS programs: each opens it, reads its headings, and sees names as text."""

import csv
import json
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree as ET

import gis_folder
import maps_run
import numpy as np
import pytest
import rasterio
from gis_folder import HOSTILE, said
from hypothesis import given
from hypothesis import strategies as st

from phusong import columns as col
from phusong import messages
from phusong.geodata import csv_forms, symbols
from phusong.geodata.files import raster, tables
from phusong.geodata.grid import Raster, covering
from phusong.geodata.network import sites
from phusong.geodata.packages import package, qgis_view
from phusong.geodata.writers import (
    labels,
    lineage,
    markup,
    raster_styles,
    styles,
    vector,
)
from phusong.geodata.writers.classes import LEVEL
from phusong.meanings import COLUMNS
from phusong.scenarios.results import radio_layers, result

# ruff: noqa: S314 - every document parsed here is this package's own
CLEAN = [markup.clean(name) for name in HOSTILE]
RASTERS = ("terrain", "landcover", "rsrp_after", "rsrp_before", "sinr_after", "throughput_after")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return gis_folder.write_package(tmp_path_factory.mktemp("gis") / "run")


@pytest.fixture(scope="module")
def project(folder):
    text = (folder / "plan.qgs").read_text(encoding="utf-8")
    return ET.fromstring(text.partition("\n")[2])


def layer_ids(root):
    return [node.text.removeprefix("phusong_layer_") for node in root.iterfind(".//maplayer/id")]


# Names of layers and columns


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_column_has_a_heading_of_its_own(language):
    headings = labels.aliases(list(COLUMNS), language)
    assert len(set(headings.values())) == len(COLUMNS)
    assert all(heading[0] == heading[0].upper() for heading in headings.values())


def test_headings_state_meaning_and_unit_in_the_language():
    assert labels.alias(col.COST_MILLION, "en") == "Cost of the station or the link [million VND]"
    assert labels.alias(col.COST_MILLION, "vi") == "Chi phí [triệu đồng]"
    assert labels.alias("a_new_column", "vi") == "a_new_column"


def test_unknown_layers_and_variants_need_no_entry():
    assert labels.title("communes_2025-07", "vi") == "Xã, phường, thị trấn (2025-07)"
    assert labels.group("communes_2025-07") == labels.group("communes") == "units"
    assert labels.title("communesque", "en") == "communesque"
    assert labels.group("communesque") == "other"
    assert not labels.shown("communes_2025-07")
    assert {layer.name for layer in (*radio_layers.RASTERS, *radio_layers.VECTORS)} <= set(
        labels.LABELS
    )


# Text


@given(st.text(st.characters(codec="utf-8")))
def test_clean_text_survives_xml_and_stays_as_it_is_when_harmless(text):
    node = markup.element(None, "a", text, b=text)
    read = ET.fromstring(ET.tostring(node, encoding="unicode"))
    normal = markup.clean(text).replace("\r\n", "\n").replace("\r", "\n")
    assert (read.text or "") == normal
    if text.isprintable() and "\ufffe" not in text and "\uffff" not in text:
        assert markup.clean(text) == text


@pytest.mark.parametrize(
    "text", ["=1+1", "+a", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "-", "=", "+1+1"]
)
def test_formulas_are_disarmed(text):
    assert csv_forms.unarmed(text) == "'" + text


@pytest.mark.parametrize("text", ["", "-5", "+84.5", "-1e3", "Xã =", "a=1", "'", "'-5"])
def test_other_text_is_left_alone(text):
    assert csv_forms.unarmed(text) == text


@given(st.text(st.sampled_from("'=+-@\t\r1a"), max_size=6))
def test_disarmed_text_can_be_had_back(text):
    assert csv_forms.rearmed(csv_forms.unarmed(text)) == text
    assert not re.match(r"[=@\t\r]", csv_forms.unarmed(text))


def test_a_list_of_sites_written_and_read_again_keeps_its_names(tmp_path):
    frame = maps_run.sites()
    frame[col.SITE_ID] = [
        f"{sign}{i}" for i, sign in enumerate(["=A", "+B", "-C", "@D", "'=E"] * 2)
    ]
    vector.write_csv(tmp_path / "a.csv", frame)
    assert "'=A0" in (tmp_path / "a.csv").read_text(encoding="utf-8")
    table = tables.read(tmp_path / "a.csv", sites.HEADERS)
    assert table.cells[col.SITE_ID].tolist() == frame[col.SITE_ID].tolist()


def test_no_cell_of_a_csv_file_is_a_formula(tmp_path):
    vector.write_csv(tmp_path / "a.csv", gis_folder.hostile_layers()["ranking"])
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row[col.SITE_ID] for row in rows] == ["'" + name for name in HOSTILE[5:9]]
    assert not [v for row in rows for v in row.values() if re.match(r"[=+@-](?![\d.]+$)", v)]


# GeoPackage


def test_every_layer_has_a_style_and_every_style_is_xml(folder):
    with closing(sqlite3.connect(folder / "plan.gpkg")) as database:
        rows = database.execute("SELECT f_table_name, styleQML FROM layer_styles").fetchall()
    assert {name for name, _ in rows} == set(gis_folder.hostile_layers())
    trees = {name: ET.fromstring(qml.partition("\n")[2]) for name, qml in rows}
    values = [node.get("value") for node in trees["sites"].iter("category")]
    assert sorted(values) == sorted(CLEAN)
    assert trees["backhaul"].find(".//layer").get("class") == "SimpleLine"
    assert trees["communes_2025-07"].find("renderer-v2").get("type") == "graduatedSymbol"


def test_a_layer_without_the_column_of_its_colours_is_drawn_plain():
    frame = maps_run.communes()[[col.NAME, "geometry"]]
    qml = styles.plan_styles({"communes": frame})["communes"]
    assert 'type="singleSymbol"' in qml


def test_headings_are_in_the_package(folder):
    with closing(sqlite3.connect(folder / "plan.gpkg")) as database:
        rows = database.execute(
            "SELECT table_name, column_name, name FROM gpkg_data_columns"
        ).fetchall()
        stated = database.execute("SELECT extension_name, table_name FROM gpkg_extensions")
        extensions = set(stated.fetchall())
    told = {(table, column): name for table, column, name in rows}
    assert told["ranking", col.PEOPLE_GAINED] == "Residents newly covered [people]"
    assert told["backhaul", "link_kind"] == "link_kind"
    for name, frame in gis_folder.hostile_layers().items():
        assert {c for table, c in told if table == name} == set(frame.columns) - {"geometry"}
    assert ("gpkg_schema", "gpkg_data_columns") in extensions
    assert ("gpkg_metadata", "gpkg_metadata") in extensions


def test_gdal_reads_titles_lineage_licence_and_crs(folder):
    text = said("ogrinfo", "-ro", "-so", folder / "plan.gpkg", "zones")
    assert "IDENTIFIER=Urban, industrial and tourism zones" in text
    assert "&lt;script&gt;alert(1)" in text  # the title of the scenario, inside the metadata
    assert "<license>the source states no licence</license>" in text
    assert "<authid>EPSG:5897</authid>" in text
    assert re.search(r"<history>Urban, .*A &amp; B &gt; C.*status of the data: given", text)
    assert 'ID["EPSG",5897]' in text


def test_a_stated_licence_is_passed_on():
    origins = {
        "sites": {"status": "given", "source": "s", "licence": "CC BY 4.0"},
        "terrain": {"status": "given", "source": "t", "licence": "public domain"},
    }
    about = lineage.publication_of({**maps_run.record(), "layers": origins}, "en")
    assert lineage.licences("sites", about) == ["CC BY 4.0"]
    assert lineage.licences("ranking", about) == ["CC BY 4.0", "public domain"]
    assert len(lineage.sources("ranking", about)) > len(lineage.sources("sites", about))


def test_the_same_plan_gives_the_same_bytes(folder, tmp_path):
    again = gis_folder.write_package(tmp_path / "again")
    for path in sorted(folder.iterdir()):
        assert (again / path.name).read_bytes() == path.read_bytes(), path.name


def test_the_moment_of_a_run_can_be_stated(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert result.moment().isoformat() == "2023-11-14T22:13:20+00:00"
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    assert result.moment().year > 2023


# Rasters


def test_every_raster_has_a_style_that_is_xml(folder):
    for name in RASTERS:
        text = (folder / f"{name}.qml").read_text(encoding="utf-8")
        assert ET.fromstring(text.partition("\n")[2]).find("pipe/rasterrenderer") is not None


def band(**changes):
    known = {
        "name": "x",
        "unit": "",
        "whole": True,
        "colours": {},
        "low": 0.0,
        "high": 1.0,
        "present": (),
    }
    return raster_styles.RasterBand(**(known | changes))


def test_level_has_the_classes_of_the_map():
    items = list(raster_styles.pipe(band(unit="dBm", whole=False), "en").iter("item"))
    assert len(items) == len(LEVEL.colours)
    assert [item.get("color") for item in items][1:] == list(LEVEL.colours)[1:]
    assert items[0].get("alpha") == "0"
    upper = np.array([float(item.get("value")) for item in items])
    for level in (-130.0, -120.0, -119.9, -100.0, -65.0, -50.0):  # QGIS: value <= upper
        assert np.argmax(level <= upper) + 1 == LEVEL.index(level)


def test_labels_and_stretches():
    entries = list(raster_styles.pipe(band(present=(0, 1, 8)), "en").iter("paletteEntry"))
    assert [entry.get("value") for entry in entries] == ["0", "1", "8"]
    assert entries[0].get("color") == entries[2].get("color") != entries[1].get("color")
    stretched = list(raster_styles.pipe(band(unit="m", low=3.0, high=900.0), "en").iter("item"))
    assert (stretched[0].get("label"), stretched[-1].get("label")) == ("3 m", "900 m")


def test_years_of_coverage_have_the_colours_of_the_stations_and_say_what_0_and_1_mean():
    years = band(name="covered_year", present=(0, 1, 2025, 2024))
    entries = list(raster_styles.pipe(years, "vi").iter("paletteEntry"))
    assert [(node.get("value"), node.get("label")) for node in entries] == [
        ("0", "chưa được phủ sóng"),
        ("1", "được phủ sóng trước kế hoạch"),
        ("2024", "2024"),
        ("2025", "2025"),
    ]
    stations = symbols.year_colours([2024, 2025])
    assert [node.get("color") for node in entries[2:]] == list(stations.values())
    never = raster_styles.pipe(band(name="covered_year", present=(0,)), "en").iter("paletteEntry")
    assert [node.get("label") for node in never] == ["not covered"]


def test_land_cover_carries_a_colour_table_and_labels(tmp_path):
    from rio_cogeo.cogeo import cog_validate  # noqa: PLC0415 - slow to import

    grid = covering((560_000, 2_354_000, 563_000, 2_356_000), 0.0, crs="EPSG:5897")
    values = np.full(grid.shape, 5, np.uint8)
    path = tmp_path / "landcover.tif"
    colours = raster_styles.LANDCOVER_COLOURS
    raster.write_cog(path, Raster(values, grid, 0), description="x", colormap=colours)
    assert cog_validate(path, strict=True, quiet=True)[0]
    with rasterio.open(path) as source:
        assert source.colormap(1)[5] == colours[5]
    found = raster_styles.pipe(raster_styles.read(path), "vi").iter("paletteEntry")
    assert [(node.get("value"), node.get("label")) for node in found][4] == ("5", "rừng")
    assert "ColorInterp=Palette" in said("gdalinfo", path)


# QGIS project


def test_the_project_holds_every_layer_once_by_relative_path(folder, project):
    names = {*gis_folder.hostile_layers(), *(path.stem for path in folder.glob("*.tif"))}
    names.add("served_before")  # the first band of served.tif
    assert sorted(layer_ids(project)) == sorted(names)
    in_tree = [node.get("id") for node in project.iter("layer-tree-layer")]
    assert sorted(in_tree) == sorted(f"phusong_layer_{name}" for name in names)
    for node in project.iterfind(".//maplayer/datasource"):
        assert node.text.startswith("./")
        assert (folder / node.text.partition("|")[0]).is_file()
    assert str(folder) not in (folder / "plan.qgs").read_text(encoding="utf-8")
    assert project.find("projectCrs/spatialrefsys/authid").text == "EPSG:5897"
    assert project.find("title").text == HOSTILE[1]


def test_groups_stand_in_order_and_speak_the_language(project):
    groups = [node.get("name") for node in project.findall("layer-tree-group/layer-tree-group")]
    wanted = [labels.group_title(key, "en") for key in labels.GROUPS]
    assert groups == [group for group in wanted if group in groups]
    assert groups[0] == "Plan"


def test_the_first_view_is_what_the_page_shows(project):
    """Stations, zones and districts over what is predicted; the rest waits in the panel."""
    nodes = list(project.iter("layer-tree-layer"))
    shown = [node.get("id") for node in nodes if node.get("checked") == "Qt::Checked"]
    present = [node.get("id") for node in nodes]
    wanted = [f"phusong_layer_{name}" for name in qgis_view.THEMES[qgis_view.FIRST]]
    assert shown == [name for name in wanted if name in present]
    presets = {
        preset.get("name"): [layer.get("id") for layer in preset.iter("layer")]
        for preset in project.iter("visibility-preset")
    }
    assert presets["After the plan: probability of service"] == shown
    assert all(set(layers) <= set(present) for layers in presets.values())


def test_stations_stand_from_their_year_and_far_layers_wait(project):
    time = project.find("ProjectTimeSettings")
    assert (time.get("timeStepUnit"), time.get("cumulativeTemporalRange")) == ("y", "1")
    layers = {node.find("id").text: node for node in project.iter("maplayer")}
    ranking, sites = layers["phusong_layer_ranking"], layers["phusong_layer_sites"]
    assert ranking.find("temporal").get("startExpression").startswith('make_datetime("year"')
    assert sites.get("hasScaleBasedVisibilityFlag") == "1"
    shape = ranking.find(".//data_defined_properties//Option[@name='expression']").get("value")
    assert shape == "if(\"kind\" = 'new', 'diamond', 'circle')"


def test_the_layout_names_what_it_draws_and_where_that_comes_from(project):
    items = {node.get("id"): node for node in project.iter("LayoutItem")}
    assert items["map"].get("followPresetName") == "After the plan: probability of service"
    assert items["legend"].get("map_uuid") == items["map"].get("uuid")
    assert items["scale"].get("mapUuid") == items["map"].get("uuid")
    extent = {side: float(value) for side, value in items["map"].find("Extent").attrib.items()}
    length_km = float(items["scale"].get("numUnitsPerSegment"))
    assert 0.05 < 1000 * length_km / (extent["xmax"] - extent["xmin"]) < 0.25
    assert HOSTILE[2] in items["sources"].get("labelText")
    assert len({node.get("uuid") for node in items.values()}) == len(items) == 7


def qgis_python():
    """Return a Python that knows QGIS, or None."""
    for program in dict.fromkeys(["/usr/bin/python3", sys.executable]):
        if Path(program).exists():
            done = subprocess.run(
                [program, "-c", "import qgis.core"], capture_output=True, check=False
            )
            if done.returncode == 0:
                return program
    return None


def test_qgis_opens_and_renders_the_project(folder, tmp_path):
    program = qgis_python()
    if program is None:
        end = pytest.fail if os.environ.get("CI") else pytest.skip
        end("QGIS (python3-qgis) is not installed: the project was not opened")
    probe = Path(__file__).parents[2] / "support" / "viewers" / "qgis_probe.py"
    done = subprocess.run(
        [program, probe, folder / "plan.qgs", tmp_path / "map.png"],
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)},
    )
    told = json.loads(done.stdout.strip().splitlines()[-1])
    assert (told["read"], told["crs"], told["title"]) == (True, "EPSG:5897", HOSTILE[1])
    assert told["groups"][0] == "Plan"
    assert all(layer and layer["valid"] for layer in told["layers"].values()), told["layers"]
    assert {layer["crs"] for layer in told["layers"].values()} == {"EPSG:5897"}
    ranking = told["layers"]["phusong_layer_ranking"]
    assert ranking["renderer"] == "categorizedSymbol"
    assert "Residents newly covered [people]" in ranking["aliases"]
    assert ranking["history"]
    assert told["visible"] == told["themes"]["After the plan: probability of service"]
    assert told["themes"].keys() == set(messages.words("en", "theme").values()) - {
        "A4 print",
        "Legend",
        "Prediction: level outdoors",
    }
    assert told["timed"]
    years = maps_run.ranking(4)[col.YEAR]
    assert told["years"] == [years.min(), years.max()]
    assert {"phusong_layer_ranking", "phusong_layer_districts"} <= set(told["labelled"])
    assert told["words"]["map"] == [
        {"On an existing mast": "colocated"},
        {"New mast": "new"},
    ]
    assert told["shown"] == '"site_id"'
    assert {"map", "legend", "scale", "north", "title", "sources"} <= set(told["layout"])
    assert (tmp_path / "map_layout.png").stat().st_size > 5000
    assert told["layers"]["phusong_layer_rsrp_after"]["renderer"] == "singlebandpseudocolor"
    assert told["picture"]["errors"] == []
    assert told["picture"]["colours"] > 5
    assert (tmp_path / "map.png").stat().st_size > 1000


def test_a_plan_without_stations_gives_a_whole_package(tmp_path):
    layers = gis_folder.hostile_layers() | {"ranking": maps_run.ranking(0)}
    layers["zones"], layers["holes"] = (
        layers["zones"].iloc[:0],
        layers["holes"].iloc[:0],
    )
    package.write(tmp_path, layers, lineage.publication_of(maps_run.record(), "vi"))
    assert {path.name for path in tmp_path.iterdir()} == {
        "plan.gpkg",
        "plan.qgs",
        "ranking.kml",
        "ranking.xlsx",
    }
