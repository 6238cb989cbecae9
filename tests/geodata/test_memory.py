"""What a run needs in memory is told before it starts."""

import pytest

from phusong.geodata import memory


@pytest.mark.parametrize(("pixels", "peak_mib"), [(3_153_335, 1_448), (20_813_688, 2_164)])
def test_the_formula_gives_the_peaks_that_were_measured(pixels, peak_mib):
    assert memory.needed_bytes(pixels) / 2**20 == pytest.approx(peak_mib, rel=0.1)


def test_a_machine_with_too_little_is_warned_of(tmp_path, monkeypatch):
    stated = tmp_path / "meminfo"
    stated.write_text("MemTotal: 8000000 kB\nMemAvailable:    2097152 kB\n")
    monkeypatch.setattr(memory, "MEMINFO", stated)
    assert memory.available_bytes() == 2 * 2**30
    assert memory.shortage(10_000_000) == ""
    assert str(memory.shortage(100_000_000)).startswith("the run needs about 5.6 GiB of memory")
    monkeypatch.setattr(memory, "MEMINFO", tmp_path / "none")
    assert memory.shortage(10**9) == ""
