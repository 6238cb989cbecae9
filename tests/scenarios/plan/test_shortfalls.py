"""What a plan was asked for and misses is said, the worst first."""

from phusong.messages import speak
from phusong.scenarios.plan import explain


def need(name, asked, reached, kind="quota", year=2025):
    return {
        "kind": kind,
        "name": name,
        "year": year,
        "asked": asked,
        "reached": reached,
        "met": reached >= asked,
    }


def test_nothing_is_said_where_all_is_reached():
    assert explain.shortfalls([]) == []
    assert explain.shortfalls([need("A", 0.9, 0.9), need("B", 1, 2, "minimum")]) == []


def test_each_kind_has_its_sentence_and_the_worst_come_first():
    reached = [
        need("A", 0.95, 0.785),
        need("B", 0.95, 0.63),
        need("C", 0.5, 0.6),
        need("Lập Thạch", 3, 2, "minimum"),
        need("2025", 1.0, 0.5251, "target"),
    ]
    quota, minimum, target = explain.shortfalls(reached)
    assert speak(quota, "en").startswith("2 of 3 quotas of zones are not reached")
    assert speak(quota, "en").endswith("B by 2025 63% of 95%; A by 2025 78.5% of 95%.")
    assert speak(quota, "vi").endswith("A đến 2025 đạt 78,5%, yêu cầu 95%.")
    assert speak(minimum, "en").endswith("Lập Thạch by 2025 2 of 3.")
    assert speak(target, "vi").endswith("2025 đến 2025 đạt 52,5%, yêu cầu 100%.")


def test_only_the_worst_are_named_and_the_rest_counted():
    reached = [need(f"Z{i}", 0.9, 0.1 * i) for i in range(7)]
    (sentence,) = explain.shortfalls(reached)
    assert "Z3" in speak(sentence, "en")
    assert "Z4" not in speak(sentence, "en")
    assert speak(sentence, "en").endswith("and 3 more.")
