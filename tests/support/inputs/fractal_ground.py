"""Fractal terrain on a square grid, as ground for sweeps."""

import numpy as np
from numpy.typing import NDArray

from phusong.coverage.area.cells import Surface

PIXEL_M = 30.0
SIZE = 201
MIDDLE = SIZE / 2


def fractal(relief_m: float, seed: int) -> NDArray[np.float32]:
    noise = np.random.default_rng(seed).standard_normal((SIZE, SIZE))
    square = np.fft.fftfreq(SIZE)[:, None] ** 2 + np.fft.fftfreq(SIZE)[None, :] ** 2
    square[0, 0] = 1.0
    height = np.fft.ifft2(np.fft.fft2(noise) * square**-1.1).real
    return (relief_m * (height - height.min()) / np.ptp(height)).astype(np.float32)


def surface(terrain_m, clutter_m=None) -> Surface:
    shape = terrain_m.shape
    return Surface(terrain_m, np.zeros(shape, np.uint8), np.ones(shape, bool), PIXEL_M, clutter_m)
