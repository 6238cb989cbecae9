"""Elementary functions in 32 bits against those of numpy in 64."""

import numba
import numpy as np
import pytest

from phusong.coverage import elementary


@numba.njit
def each(function_values, x):
    log, power, angle = function_values
    for i in range(x.size):
        log[i] = elementary.log2(abs(x[i]))
        power[i] = elementary.exp2(x[i])
        angle[i] = elementary.arc_tangent(x[i])


@pytest.mark.parametrize("scale", [1e-3, 1.0, 50.0])
def test_errors_are_as_small_as_said(scale):
    x = np.linspace(-1.0, 1.0, 20_001).astype(np.float32) * np.float32(scale)
    x = x[x != 0.0]
    log, power, angle = (np.empty_like(x) for _ in range(3))
    each((log, power, angle), x)
    wide = x.astype(float)
    np.testing.assert_allclose(log, np.log2(np.abs(wide)), atol=3e-6)
    np.testing.assert_allclose(power, np.exp2(wide), rtol=3e-7)
    np.testing.assert_allclose(angle, np.arctan(wide), atol=6e-7)


def test_powers_end_where_32_bits_do():
    x = np.array([-1e9, -127.0, 127.0, 1e9], np.float32)
    log, power, angle = (np.empty_like(x) for _ in range(3))
    each((log, power, angle), x)
    expected = np.exp2([-125.0, -125.0, 126.0, 126.0])
    np.testing.assert_allclose(power, expected, rtol=3e-7)
