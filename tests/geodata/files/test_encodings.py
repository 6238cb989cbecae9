"""Valid Unicode is meant as it stands, unless several words tell that it was an old encoding."""

import random

import pytest

from phusong.geodata.files import encodings

# Letters and signs of Latin-1 as other languages, prices and slips of the finger use them.
SOUND = (
    ["¢}", "Ùâ"],
    ["A¢}", "Ùâ ¢}", "5¢", "10 m²"],
    ["café", "naïve", "São Paulo", "Zürich"],
    ["Ñandú", "Peña", "Muñoz", "résumé"],
    ["Côte d'Ivoire", "Mötley", "Düsseldorf"],
    ["Trạm ¢}", "Ghi chú: £5, ±2°", "Ùâ"],
    ["Cô tô", "Hà Nội", "Bô xít", "Đà Nẵng"],
)


@pytest.mark.parametrize("texts", SOUND)
def test_valid_letters_are_left_alone(texts):
    assert encodings.repairs([texts]) == ({}, [])


@pytest.mark.parametrize(
    ("texts", "clear", "name"),
    [
        (["VÜnh Phóc", "Yªn L¹c"], ["Vĩnh Phúc", "Yên Lạc"], "TCVN3"),
        (["Vónh Yeân", "Tích Sôn", "¢}"], ["Vĩnh Yên", "Tích Sơn", "¢}"], "VNI"),
        (["VÜnh Yªn", "Phường Tích Sơn"], ["Vĩnh Yên", "Phường Tích Sơn"], "TCVN3"),
    ],
)
def test_several_words_tell_an_old_encoding(texts, clear, name):
    repaired, names = encodings.repairs([texts])
    assert [repaired.get(text, text) for text in texts] == clear
    assert names == [name]


def test_random_signs_are_hardly_ever_taken_for_vietnamese():
    chance = random.Random(3)  # noqa: S311 - no secret
    signs, plain = [chr(c) for c in range(0xA1, 0x100)], "abcdefghiklmnopqrstuvxy0123456789 }{.,-"
    lists = [
        [
            "".join(chance.choice(signs if chance.random() < 0.3 else plain) for _ in range(6))
            for _ in range(chance.randint(1, 6))
        ]
        for _ in range(2_000)
    ]
    taken = [texts for texts in lists if encodings.repairs([texts])[0]]
    assert len(taken) <= 1
