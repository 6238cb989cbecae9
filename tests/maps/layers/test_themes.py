"""The registry of themes: each said, drawn or shared, and one that is added works in the page."""

import maps_run
import pytest
from browser import open_page, tick, wait

from phusong import messages
from phusong.maps.layers import themes
from phusong.maps.layers.themes import THEMES, Theme
from phusong.maps.pages import province_map
from phusong.maps.pictures.palette import Classes
from phusong.messages import catalogue

CLASSES = Classes("height", "unit_m", (20.0, 60.0), ("", "#cfe0c3", "#4d6b3c"))
ADDED = Theme("ground_height", "surface_quality", "today", themes.raster("terrain", CLASSES))


def ask(browser, expression):
    return browser.execute_script(f"return {expression}")


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
@pytest.mark.parametrize("language", messages.SHIPPED)
def test_every_theme_is_said(theme, language):
    words = messages.words(language, "page")
    needed = [theme.name, theme.group, *([theme.note] if theme.note else [])]
    assert [key for key in needed if not words.get(key)] == []


def test_names_are_told_apart_and_partners_and_pictures_are_themes():
    names = [theme.name for theme in THEMES]
    assert len(set(names)) == len(names)
    assert {theme.partner for theme in THEMES} <= {*names, ""}
    drawn = {theme.name for theme in THEMES if theme.draw}
    assert {theme.source for theme in THEMES} == {*drawn, ""}


@pytest.mark.browser
def test_a_theme_that_is_added_can_be_chosen_read_and_explained(chromium, tmp_path, monkeypatch):
    monkeypatch.setattr(themes, "THEMES", (*THEMES, ADDED))
    monkeypatch.setitem(catalogue.catalogue("en").sections["page"], ADDED.name, "Height of ground")
    folder = maps_run.write_whole(tmp_path / "run")
    open_page(chromium, province_map.write_map(folder, "en"))
    tick(chromium, "surface:ground_height")
    legend = ask(chromium, "document.getElementById('legend').textContent")
    assert "Height of ground (m)" in legend
    assert ask(chromium, "phusong.themes.says('ground_height', 1)") == "20 … 60 m"
    assert ask(chromium, "phusong.swipe.partner('ground_height')") == THEMES[0].name
    wait(chromium, "location.hash.includes('ground_height')")
    assert [entry["message"] for entry in chromium.get_log("browser")] == []
