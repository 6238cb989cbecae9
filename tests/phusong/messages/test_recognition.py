"""Known sentences of notes become messages; names of files and all else stay as they are."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phusong import messages
from phusong.geodata.provinces import embedded
from phusong.messages import Message, recognised, speak

NOTES = {
    "assumed: operator unknown for 3 of 10 rows; status live for 10 of 10 rows": "giả định: nhà "
    "mạng không rõ cho 3/10 dòng; trạng thái đang phát sóng cho 10/10 dòng",
    "residents from 'DS pixels': census of 1 April 2019, not from 'x'": "dân số lấy từ cột "
    "'DS pixels': tổng điều tra 1/4/2019, không lấy từ cột 'x'",
    "12 pixels (0.01 km2) of the province were void and interpolated": "12 điểm ảnh (0.01 km²) của "
    "tỉnh bị trống và được nội suy",
    "union of the communes (given by the user)": "gộp các xã (do người dùng cung cấp)",
    "5G: 7 cells left out, only 4G and 5G are predicted": "5G: 7 cell bị bỏ, chỉ dự báo 4G và 5G",
}


@pytest.mark.parametrize("note", NOTES)
def test_a_note_of_known_sentences_is_said_in_vietnamese(note):
    assert speak(recognised(note), "vi") == NOTES[note]
    assert speak(recognised(note), "en").replace("km²", "km2") == note


@pytest.mark.parametrize("layer", embedded.RECIPES)
def test_every_recipe_is_known(layer):
    """No English is left, and English says what the recipe says."""
    origin = embedded.RECIPES[layer]
    for text in filter(None, (origin.source, origin.note)):
        assert speak(recognised(text), "en") == text
        assert not re.search(r"\b(of|the|and|from|with|are|by)\b", speak(recognised(text), "vi"))


@pytest.mark.parametrize(
    "name", ["pixels.csv", "status live.gpkg", "union of the communes.shp", "given by the user 2"]
)
def test_names_of_files_are_left_alone(name):
    """They were once changed where they held a known phrase."""
    assert recognised(name) == name
    assert speak(recognised(f"pattern as given; {name}"), "vi") == f"phân bố theo tệp; {name}"


@given(st.text(max_size=60))
@settings(deadline=None)
def test_any_text_is_said_as_it_is_in_english(text):
    assert speak(recognised(text), "en") == text


@given(st.sampled_from(sorted(messages.words("en", "provenance"))), st.text("ab1 ", max_size=9))
@settings(deadline=None)
def test_a_sentence_comes_back_from_its_words(key, value):
    words = messages.words("en", "provenance")[key]
    if "{" not in words and words != "":
        assert recognised(words) == Message(f"provenance.{key}")
        assert recognised(f"{words}{value}x") == f"{words}{value}x"


def test_sources_of_zones_and_districts_are_told_in_the_language_of_the_page():
    zone = "vccinews 48604; place: general knowledge, not verified (mean of 3 commune points)"
    told = messages.speak(messages.recognised(zone), "vi")
    assert told == (
        "vccinews 48604; vị trí: hiểu biết chung, chưa kiểm chứng (trung bình 3 điểm xã)"
    )
    districts = "union of the communes (residents: census of 1 April 2019; a.gpkg)"
    told = messages.speak(messages.recognised(districts), "vi")
    assert told == "gộp các xã (dân số: tổng điều tra 1/4/2019; a.gpkg)"
