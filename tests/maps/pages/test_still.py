"""The map as one picture, without a browser: colours of the table, words of the page."""

import maps_run
import numpy as np
import pytest
from PIL import Image

from phusong.commands import cli
from phusong.geodata import symbols
from phusong.geodata.runs.folder import open_run
from phusong.maps.layers import settled
from phusong.maps.pages import still
from phusong.maps.texts import text


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory):
    return maps_run.write_whole(tmp_path_factory.mktemp("still") / "run")


def words_of(figure):
    return "\n".join(each.get_text() for each in figure.texts)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_it_says_what_the_page_says(run_folder, language):
    run = open_run(run_folder)
    figure = still.figure(run.in_language(language), language)
    said, word = words_of(figure), text.words(language)
    for key in ("served_residents", "proposed_stations", "colocated", "new", "water"):
        assert word[key] in said
    assert text.percent(run.record["headline"]["people_share_after"], language) in said
    assert text.percent(1.0, language) in said  # residents of the surest class
    assert "1. Phường Tích Sơn, 2024" in said
    assert word["about_data_note"] in said


def test_pixels_have_the_colours_of_the_page(run_folder, tmp_path):
    path = still.write_png(run_folder, tmp_path / "map.png", "en")
    with Image.open(path) as opened:
        assert opened.size == (2338, 1654)
        picture = np.asarray(opened.convert("RGB")).reshape(-1, 3)
    for colour in (symbols.STATES["water"].colour, settled.classes(0.9).colours[-1]):
        assert (picture == symbols.rgb(colour)).all(axis=1).sum() > 50
    for colour in symbols.year_colours([2024, 2025]).values():
        assert (picture == symbols.rgb(colour)).all(axis=1).sum() > 50


def test_a_run_without_a_prediction_is_drawn_too(tmp_path):
    folder = maps_run.write_whole(tmp_path / "run")
    for name in ("served", "population", "landcover"):
        (folder / f"{name}.tif").unlink()
    assert still.shown(open_run(folder)) is None
    assert still.write_png(folder, tmp_path / "map.png", "vi").stat().st_size > 20_000


def test_the_command_writes_it_beside_the_page(run_folder, tmp_path, capsys):
    cli.main(["map", str(run_folder), "--png", str(tmp_path / "m.png"), "--lang", "en"])
    assert str(tmp_path / "m.png") in capsys.readouterr().out
    assert (tmp_path / "m.png").is_file()
