"""What the layers are is said in Vietnamese too."""

import re

import pytest

from phusong.geodata import province
from phusong.geodata.provinces import embedded
from phusong.geodata.writers.phrases import PHRASES, vietnamese

ORIGINS = [*embedded.RECIPES.values(), embedded.NO_ZONES, embedded.GIVEN]


@pytest.mark.parametrize("text", sorted({t for o in ORIGINS for t in (o.source, o.note) if t}))
def test_every_recipe_is_translated_whole(text):
    said = vietnamese(text)
    assert said != text
    assert not set(re.findall(r"[a-z]{4,}", text)) & set(re.findall(r"[a-z]{4,}", said)) - {"thật"}


def test_names_of_files_stay():
    assert vietnamese("union of the communes (xã.geojson)") == "gộp các xã (xã.geojson)"


def test_numbers_are_kept():
    for english, said in PHRASES.items():
        digits = [re.sub(r"\D", "", n) for n in re.findall(r"\d[\d.,]*", english)]
        for number in digits:
            assert number in re.sub(r"[.,]", "", said) or number == "1", english


def test_what_a_site_list_lacked_is_said_in_vietnamese():
    said = vietnamese("assumed: operator unknown for 1 of 3001 rows; height_m 30 m for all sites")
    assert said == "giả định: nhà mạng không rõ cho 1/3001 dòng; độ cao ăng ten 30 m cho mọi trạm"


@pytest.mark.parametrize("basis", [province.CENSUS, province.REGISTER, province.UNKNOWN])
def test_every_basis_of_residents_is_said_in_vietnamese(basis):
    said = vietnamese(f"residents from 'pop': {basis}, not from 'ds'")
    assert said.startswith("dân số lấy từ cột 'pop': ")
    assert said.endswith(", không lấy từ cột 'ds'")
    assert basis not in said
