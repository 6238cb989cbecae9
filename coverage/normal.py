"""The normal distribution: its quantile exactly, and as the Recommendations approximate it."""

import math

from phusong.coverage.kernel import PATH, kernel

_SMALLEST_SHARE = 1e-6


@kernel(**PATH)
def _upper_tail_deviations(share: float) -> float:
    """Return the rational approximation T - C of a share up to a half (P.1812-7 eq. 97)."""
    t = math.sqrt(-2.0 * math.log(share))
    numerator = (0.010328 * t + 0.802853) * t + 2.515516698
    denominator = ((0.001308 * t + 0.189269) * t + 1.432788) * t + 1.0
    return t - numerator / denominator


@kernel(**PATH)
def exceeded_deviations(share: float) -> float:
    """Return I(x), the deviations exceeded with a probability (P.1812-7 Attachment 2).

    The approximation is part of the Recommendation; its error is below 4.5e-4. Shares are
    held between 1e-6 and 1 - 1e-6.
    """
    held = min(max(share, _SMALLEST_SHARE), 1.0 - _SMALLEST_SHARE)
    if held <= 0.5:
        return _upper_tail_deviations(held)
    return -_upper_tail_deviations(1.0 - held)


@kernel(**PATH)
def quantile(share: float) -> float:
    """Return the value below which a standard normal variable stays with a probability.

    The approximation of P.1812 made exact by two steps of Halley's method on ``erfc``.
    """
    tail = min(share, 1.0 - share)
    deviations = _upper_tail_deviations(tail)
    for _ in range(2):
        density = math.exp(-0.5 * deviations**2) / math.sqrt(2.0 * math.pi)
        step = (0.5 * math.erfc(deviations / math.sqrt(2.0)) - tail) / density
        deviations += step / (1.0 - 0.5 * deviations * step)
    return deviations if share > 0.5 else -deviations
