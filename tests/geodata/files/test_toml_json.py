"""Records as JSON: the text of the standard library, NaN as null, and read back the same."""

import json
import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from phusong.geodata.files import toml_json
from phusong.messages import message

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.just('Vĩnh\n"Yên')
)
TREES = st.recursive(
    SCALARS,
    lambda parts: st.one_of(
        st.lists(parts, max_size=3),
        st.lists(parts, max_size=3).map(tuple),
        st.dictionaries(st.one_of(st.text(max_size=5), st.integers()), parts, max_size=3),
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=5), TREES, max_size=4))
def test_a_record_is_written_as_the_standard_library_would(tree):
    known = toml_json.without_nan(tree)
    assert toml_json.as_json(tree) == json.dumps(known, ensure_ascii=False, indent=1) + "\n"
    assert toml_json.as_read(tree) == json.loads(toml_json.as_json(tree))


def test_numbers_of_numpy_and_messages_are_written_as_what_they_hold():
    tree = {
        "level_dbm": np.float32(-90.5),
        "share": np.float64(0.5),
        "missing": np.float64("nan"),
        "stations": np.int64(3),
        "note": message("reason.people", n=1200),
        "years": {2027: [math.nan, {}]},
    }
    assert (
        json.loads(toml_json.as_json(tree))
        == toml_json.as_read(tree)
        == {
            "level_dbm": -90.5,
            "share": 0.5,
            "missing": None,
            "stations": 3,
            "note": {"id": "reason.people", "values": {"n": 1200}},
            "years": {"2027": [None, {}]},
        }
    )
