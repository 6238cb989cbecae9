"""The page of a prediction: every network on the face that runs have, and none where not asked."""

import json

import pytest
from browser import open_page, tick, wait

from phusong.commands import cli

CELLS = (
    "site_id,cell_id,lon,lat,height_m,azimuth_deg,technology,band,operator\n"
    "A,A1,105.5870,21.3090,36,30,5G,n41,Viettel\n"
    "A,A2,105.5870,21.3090,36,150,5G,n41,Viettel\n"
    "B,B1,105.5920,21.3140,30,270,4G,B3,VNPT\n"
)


@pytest.fixture(scope="module")
def folder(mini_folder, tmp_path_factory):
    where = tmp_path_factory.mktemp("prediction")
    (where / "cells.csv").write_text(CELLS)
    given = [str(where / "cells.csv"), "--province", str(mini_folder), "--out", str(where / "out")]
    asked = ["--model", "free_space", "--lang", "vi", "--radius-m", "3000"]
    assert cli.main(["predict", *given, *asked]) == cli.DONE
    return where / "out"


def test_the_record_counts_the_page(folder):
    record = json.loads((folder / "predict.json").read_text(encoding="utf-8"))
    assert "map.html" in record["files"]
    assert (folder / "map.html").stat().st_size < 8e6


def test_no_page_where_it_is_not_asked_for(folder, mini_folder, tmp_path):
    given = [
        str(folder.parent / "cells.csv"),
        "--province",
        str(mini_folder),
        "--out",
        str(tmp_path / "o"),
    ]
    asked = ["--model", "free_space", "--radius-m", "3000", "--no-page"]
    assert cli.main(["predict", *given, *asked]) == cli.DONE
    assert not (tmp_path / "o" / "map.html").exists()


@pytest.mark.browser
@pytest.mark.parametrize("language", ["vi", "en"])
def test_networks_themes_and_cells_are_shown(chromium, folder, language):
    open_page(chromium, folder / "map.html")
    if language == "en":
        chromium.execute_script("phusong.languages.choose('en')")
        wait(chromium, "document.documentElement.lang === 'en' && document.body.dataset.ready")
    groups = chromium.execute_script(
        "return [...new Set(phusong.themes.list().map((theme) => phusong.word[theme.group]))]"
    )
    every = {"vi": "mọi nhà mạng", "en": "all operators"}[language]
    assert groups == [f"5G · {every}", "5G · Viettel", f"4G · {every}", "4G · VNPT"]
    assert chromium.execute_script("return phusong.state.surface") == "probability_indoor_0"
    shares = chromium.execute_script("return phusong.data.pictures.residents")
    assert sum(shares["probability_indoor_0"]) == pytest.approx(1.0, abs=1e-3)
    tick(chromium, "surface:rsrp_0")
    value = chromium.execute_async_script(
        "phusong.surface.valueAt({lng: 105.588, lat: 21.31}).then(arguments[0])"
    )
    assert "dBm" in value
    assert chromium.execute_script("return phusong.sites.map((s) => s.site_id)") == ["A", "B"]
    assert not chromium.find_element("id", "tab-ranking").is_displayed()
    assert [entry["message"] for entry in chromium.get_log("browser")] == []
