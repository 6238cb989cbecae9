"""Feed broken files to every reader, and count what becomes of them.

``python tests/support/damage/fuzz.py --minutes 15 [--only NAME]``

A reader may return a result or raise a ``PhusongError`` that names the file. Anything else is a
defect: another exception, a crash, more than 10 s, or 1 GB more memory. Every input follows from
the seed, the reader and its number, which the table of defects tells: ``--replay NAME NUMBER``
reads it again and shows where it fails.
"""

import argparse
import multiprocessing as mp
import os
import random
import re
import resource
import signal
import sys
import tempfile
import time
import tomllib
import traceback
import warnings
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PATHS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["pytest"]["ini_options"]
sys.path[:0] = [str(ROOT), *(str(ROOT / path) for path in PATHS["pythonpath"])]

from fuzz_mutations import mutated
from fuzz_seeds import Target, targets

from phusong.errors import PhusongError

# ruff: noqa: E402, T201 - started as a script; a campaign tells what it finds

MAX_S, MAX_BYTES = 10, 1_000_000_000
MAX_WAIT_S = 1200  # for a process that does not even compute
BATCH = 60


class TooLongError(BaseException):
    """A reader takes too long."""


def broken(target: Target, number: int, seed: int) -> tuple[Path, bytes, bytes]:
    """Return the file to break, its content and its broken content."""
    chance = random.Random(f"{seed} {target.name} {number}")  # noqa: S311 - no secret
    path = chance.choice(target.files)
    whole = path.read_bytes()
    return path, whole, mutated(whole, path.name, chance)


def outcome(target: Target, number: int, seed: int) -> str:
    """Return ``valid``, ``refused``, or what a reader did that it may not."""
    path, whole, body = broken(target, number, seed)
    path.write_bytes(body)
    signal.signal(signal.SIGPROF, _too_long)
    signal.setitimer(signal.ITIMER_PROF, MAX_S)
    try:
        target.read(target.path)
    except PhusongError as error:
        named = target.path.name in str(error) or path.name in str(error)
        said = re.sub(r"\S+/|\d+", "", str(error))
        return "refused" if named else f"names no file: {said[:60]!r}"
    except TooLongError:
        return f"longer than {MAX_S} s"
    except Exception as error:  # noqa: BLE001 - any other is a defect
        return f"{type(error).__name__} {_place(error)}: {str(error)[:60]!r}"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        path.write_bytes(whole)
    return "valid"


def _too_long(_signal: int, _frame: object) -> None:
    raise TooLongError


def _place(error: Exception) -> str:
    """Return the innermost line of phusong that an error passed through."""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).is_relative_to(ROOT)
    ]
    last = frames[-1]
    return f"{Path(last.filename).name}:{last.lineno}"


def _batch(
    root: Path, name: str, numbers: range, seed: int, told: "mp.Queue[tuple[int, str]]"
) -> None:
    """Read a batch in a process of its own, from its own copies."""
    sys.stderr = open("/dev/null", "w")  # noqa: PTH123, SIM115 - libraries chat
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory(dir=root) as own:
        target = targets(Path(own) / "seeds")[name]
        before = _peak()
        for number in numbers:
            said = outcome(target, number, seed)
            if _peak() - before > MAX_BYTES:
                said = f"uses {(_peak() - before) / 1e9:.1f} GB"
                before = _peak()
            told.put((number, said))


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _cpu_s(pid: int | None) -> float:
    """Return the time a process has computed for: a busy machine makes no hang [s]."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError):
        return 0.0


def campaign(root: Path, names: list[str], minutes: float, seed: int) -> dict[str, Counter[str]]:
    """Return how often each reader did what, in turns until the time is over."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in names}
    first: dict[tuple[str, str], int] = {}
    done = dict.fromkeys(names, 0)
    end = time.monotonic() + 60 * minutes
    while time.monotonic() < end:
        for name in names:
            start = done[name]
            reached = start
            told: mp.Queue[tuple[int, str]] = mp.Queue()
            process = mp.Process(
                target=_batch, args=(root, name, range(start, start + BATCH), seed, told)
            )
            process.start()
            quiet, used = time.monotonic(), _cpu_s(process.pid)
            while process.is_alive() or not told.empty():
                try:
                    number, said = told.get(timeout=0.2)
                except Exception:  # noqa: BLE001 - nothing came yet
                    waited_s = time.monotonic() - quiet
                    if _cpu_s(process.pid) - used > 6 * MAX_S or waited_s > MAX_WAIT_S:
                        process.kill()
                    continue
                quiet, used, reached = time.monotonic(), _cpu_s(process.pid), number + 1
                counts[name][said] += 1
                if (name, said) not in first and said not in {"valid", "refused"}:
                    first[name, said] = number
                    print(f"{name} {number}: {said}", flush=True)
            process.join()
            if reached < start + BATCH:
                said = f"crash or hang, exit code {process.exitcode}"
                counts[name][said] += 1
                print(f"{name} {reached}: {said}", flush=True)
                reached += 1
            done[name] = reached
            if time.monotonic() > end:
                break
    return counts


def main() -> None:
    """Run a campaign and print a table of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--only", nargs="+", default=[])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--replay", nargs=2, metavar=("NAME", "NUMBER"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        root = Path(folder)
        if options.replay:
            name, number = options.replay
            target = targets(root / "seeds")[name]
            path, _, body = broken(target, int(number), options.seed)
            path.write_bytes(body)
            print(path.name, body[:2000])
            target.read(target.path)
            return
        known = list(targets(root / "seeds"))
        counts = campaign(root, options.only or known, options.minutes, options.seed)
    print(f"{'reader':<22}{'inputs':>8}{'valid':>8}{'refused':>8}{'defects':>8}")
    for name, found in counts.items():
        wrong = found.total() - found["valid"] - found["refused"]
        print(f"{name:<22}{found.total():>8}{found['valid']:>8}{found['refused']:>8}{wrong:>8}")


if __name__ == "__main__":
    main()
