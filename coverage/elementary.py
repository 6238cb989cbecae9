"""Logarithm, power and arc tangent in 32 bits that compile to vector instructions.

The polynomials are least-squares fits at Chebyshev's points; the errors named are the largest.
"""

from typing import Any

import numpy as np

from phusong.coverage.kernel import INLINE, kernel

F32: Any = np.float32
MANTISSA, ONE, BIAS = np.int32(0x7FFFFF), np.int32(0x3F800000), np.int32(127)
SHIFT: Any = np.int32(23)
LOG2 = tuple(
    F32(c)
    for c in (
        2.1237408911e-06,
        1.4424753148221,
        -0.7175578724222,
        0.4555270880611,
        -0.2746232576171,
        0.1192982377061,
        -0.02512320328605,
    )
)
EXP2 = tuple(
    F32(c)
    for c in (
        0.9999998957631,
        0.6931546200033,
        0.2401407700919,
        0.05586328265926,
        0.00894621466629,
        0.00189510729103,
    )
)
ARC = tuple(
    F32(c)
    for c in (
        0.999999327835241,
        -0.333263745218822,
        0.198798721557139,
        -0.134804056075597,
        0.083741556545381,
        -0.036898629246560,
        0.007825482945621,
    )
)
QUARTER_TURN = F32(0.5 * np.pi)
HALF_TURN = F32(np.pi)
TINIEST = F32(1e-30)
DB_PER_OCTAVE = F32(10.0 * np.log10(2.0))
OCTAVES_PER_E = F32(1.0 / np.log(2.0))
LEAST, MOST = F32(-125.0), F32(126.0)  # powers of two that 32 bits hold in full


@kernel(**INLINE)
def log2(x: float) -> float:
    """Return the binary logarithm of a positive number, to 2e-6."""
    bits = np.float32(x).view(np.int32)
    t = np.int32((bits & MANTISSA) | ONE).view(np.float32) - F32(1.0)
    high = LOG2[3] + t * (LOG2[4] + t * (LOG2[5] + t * LOG2[6]))
    return F32(np.int32((bits >> SHIFT) - BIAS)) + (
        LOG2[0] + t * (LOG2[1] + t * (LOG2[2] + t * high))
    )


@kernel(**INLINE)
def exp2(x: float) -> float:
    """Return a power of two, to 1e-7 of it."""
    x = min(max(F32(x), LEAST), MOST)
    whole = np.floor(x)
    t = x - whole
    high = EXP2[3] + t * (EXP2[4] + t * EXP2[5])
    part = EXP2[0] + t * (EXP2[1] + t * (EXP2[2] + t * high))
    power: Any = np.int32(
        np.float32(part).view(np.int32) + np.int32(np.int32(whole) << SHIFT)
    ).view(np.float32)
    return power


@kernel(**INLINE)
def arc_tangent(x: float) -> float:
    """Return the arc tangent, to 5e-7 rad."""
    size = abs(x)
    steep = size > F32(1.0)
    t = F32(1.0) / size if steep else size
    s = t * t
    high = ARC[3] + s * (ARC[4] + s * (ARC[5] + s * ARC[6]))
    angle = t * (ARC[0] + s * (ARC[1] + s * (ARC[2] + s * high)))
    angle = QUARTER_TURN - angle if steep else angle
    return -angle if x < F32(0.0) else angle


@kernel(**INLINE)
def angle(y: float, x: float) -> float:
    """Return the angle of a point, from minus to plus half a turn, to 6e-7 rad."""
    across, along = abs(y), abs(x)
    t = min(across, along) / max(across, along, TINIEST)
    s = t * t
    high = ARC[3] + s * (ARC[4] + s * (ARC[5] + s * ARC[6]))
    turned = t * (ARC[0] + s * (ARC[1] + s * (ARC[2] + s * high)))
    turned = QUARTER_TURN - turned if across > along else turned
    turned = HALF_TURN - turned if x < F32(0.0) else turned
    return -turned if y < F32(0.0) else turned


@kernel(**INLINE)
def power_db(x: float) -> float:
    """Return 10 log x."""
    return DB_PER_OCTAVE * log2(x)


@kernel(**INLINE)
def exp(x: float) -> float:
    """Return a power of e."""
    return exp2(OCTAVES_PER_E * x)
