"""Messages in a language: values, numbers, lists, plurals."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phusong import messages
from phusong.messages import Message, catalogue, message, numbers

TOY = {
    "locale": {"name": "en_GB", "date": "d MMMM yyyy"},
    "toy": {
        "number": "{n:#,##0.0} m",
        "share": "{share:#,##0.#%}",
        "plain": "by {year}: {level}",
        "list": "with {parts:and}",
        "joined": "{parts:join; }.",
        "files": {"one": "{count} file", "other": "{count:#,##0} files"},
        "inner": "<{name}>",
        "rounded": "{x:digits2}",
    },
}


@pytest.fixture
def toy(monkeypatch):
    monkeypatch.setattr(catalogue, "_catalogues", dict(catalogue._catalogues))
    messages.add_language("toy", TOY)
    vietnamese = TOY | {"locale": {"name": "vi", "date": "dd/MM/yyyy"}}
    messages.add_language("tôi", vietnamese)


@pytest.mark.usefixtures("toy")
@pytest.mark.parametrize(
    ("said", "english", "vietnamese"),
    [
        (message("toy.number", n=1234.56), "1,234.6 m", "1.234,6 m"),
        (message("toy.number", n=-105.0), "−105.0 m", "−105,0 m"),
        (message("toy.share", share=0.961), "96.1%", "96,1%"),
        (message("toy.share", share=1.0), "100%", "100%"),
        (message("toy.plain", year=2026, level=-98.25), "by 2026: −98.25", "by 2026: −98,25"),
        (message("toy.list", parts=["a", "b", "c"]), "with a, b and c", "with a, b và c"),
        (message("toy.joined", parts=["a", 1.5]), "a; 1.5.", "a; 1,5."),
        (message("toy.files", count=1), "1 file", None),
        (message("toy.files", count=2000), "2,000 files", "2.000 files"),
        (message("toy.rounded", x=0.0123), "0.012", "0,012"),
    ],
)
def test_values_are_written_for_the_locale(said, english, vietnamese):
    assert messages.speak(said, "toy") == english
    if vietnamese:
        assert messages.speak(said, "tôi") == vietnamese


@pytest.mark.usefixtures("toy")
def test_a_message_goes_through_json_with_all_within_it():
    said = message("toy.list", parts=[message("toy.inner", name="x"), "y"])
    record = json.loads(json.dumps(said.record()))
    assert messages.speak(record, "toy") == "with <x> and y" == messages.speak(said, "toy")
    assert messages.speak_all({"notes": [record, 3]}, "toy") == {"notes": ["with <x> and y", 3]}


@given(st.text())
@settings(deadline=None)
def test_a_value_is_never_read_as_words(name):
    text = message("page.report_title", province=name)
    assert messages.speak(text, "en") == f"5G coverage report, {name}"


@pytest.mark.usefixtures("toy")
def test_what_cannot_be_said_is_an_error():
    assert "no words for the message 'toy.nothing'" in messages.unspeakable(Message("toy.nothing"))
    with pytest.raises(ValueError, match="lacks 'name'"):
        messages.speak(Message("toy.inner"), "toy")
    assert messages.unspeakable("free text") == messages.unspeakable({"vi": "a", "en": "b"}) == ""


@given(st.floats(-1e12, 1e12), st.integers(0, 6))
@settings(deadline=None)
def test_a_number_reads_back_within_its_decimals(value, decimals):
    for language, group, point in (("vi", ".", ","), ("en", ",", ".")):
        written = numbers.number(value, language, decimals)
        plain = written.replace(group, "").replace(point, ".").replace("−", "-")
        assert float(plain) == pytest.approx(value, abs=0.51 * 10.0**-decimals, rel=1e-12)
