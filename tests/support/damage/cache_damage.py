"""Damage files of the caches as disks, transfers and people do; one seed damages them alike."""

import io
import random
import shutil
from pathlib import Path

import numpy as np

from phusong.scenarios.prediction import array_file

WAYS = ("flipped", "cut", "swapped", "poisoned", "emptied", "lengthened")


def damage(path: Path, others: list[Path], chance: random.Random, way: str = "") -> str:
    """Damage one file and return how; ``others`` are files of the same kind to swap it with."""
    way = way or chance.choice(WAYS)
    whole = path.read_bytes()
    if way == "swapped" and (unlike := [o for o in others if o.read_bytes() != whole]):
        shutil.copyfile(chance.choice(unlike), path)
    elif way == "poisoned" and (other := _poisoned(whole, path.suffix)):
        path.write_bytes(other)
    elif way == "cut":
        path.write_bytes(whole[: chance.randrange(len(whole))])
    elif way == "emptied":
        path.write_bytes(bytes(len(whole)))
    elif way == "lengthened":
        path.write_bytes(whole + whole[:100])
    else:
        way, changed = "flipped", bytearray(whole)
        changed[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        path.write_bytes(changed)
    return way


def _poisoned(whole: bytes, suffix: str) -> bytes:
    """Return other values in the same shape and type, as numpy writes them; none of no array."""
    try:
        read = np.load(io.BytesIO(whole), allow_pickle=False)
    except Exception:  # noqa: BLE001 - of another kind, or damaged before
        return b""
    made = io.BytesIO()
    if suffix == ".npys":
        array_file.write(made, {name: np.full(3, 0.5) for name in read})
    elif suffix == ".npy":
        np.save(made, read[::-1] // 2)
    else:
        np.savez(made, **{name: _other(read[name]) for name in read.files})
    return made.getvalue()


def _other(values: np.ndarray) -> np.ndarray:
    if values.dtype.kind in "iuf" and values.size:
        return (values * 0.5).astype(values.dtype)
    return values
