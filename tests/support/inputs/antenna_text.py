"""Antenna pattern files (MSI) made of lobes."""

import numpy as np


def lobe(width_deg, towards_deg=0.0, limit_db=30.0):
    """Return a parabola round an angle, from 0 to 359."""
    off = (np.arange(360) - towards_deg + 180) % 360 - 180
    return np.minimum(12 * (off / width_deg) ** 2, limit_db)


def text_of(horizontal, vertical, head="NAME test 65\nFREQUENCY 1840\nGAIN 15.35 dBd\n", sep=" "):
    lines = [head.rstrip("\n")]
    for name, cut in (("HORIZONTAL", horizontal), ("VERTICAL", vertical)):
        lines.append(f"{name} 360")
        lines += [f"{angle}{sep}{loss:.2f}" for angle, loss in enumerate(cut)]
    return "\n".join(lines) + "\n"
