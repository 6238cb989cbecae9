"""Feed files that follow the code's branches to one reader: needs ``pip install atheris``.

``python tests/support/fuzz_guided.py NAME [-max_total_time=60 ...]`` starts from the seeds of
``fuzz.py``;
what follows the name goes to libFuzzer. A defect ends it, with the input that shows it.
"""

import atexit
import sys
import tempfile
import warnings
from collections import Counter
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["phusong.geodata", "phusong.scenarios"]):
    from fuzz_seeds import targets

    from phusong.errors import PhusongError


def main() -> None:
    """Fuzz one reader."""
    warnings.simplefilter("ignore")
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    target = targets(folder / "seeds")[sys.argv.pop(1)]
    path = target.path
    corpus = folder / "corpus"
    corpus.mkdir()
    (corpus / path.name).write_bytes(path.read_bytes())
    counts: Counter[str] = Counter()
    atexit.register(lambda: print(target.name, dict(counts)))  # noqa: T201 - what it tells

    def read(body: bytes) -> None:
        path.write_bytes(body)
        try:
            target.read(target.path)
        except PhusongError:
            counts["refused"] += 1
        else:
            counts["valid"] += 1

    atheris.Setup([*sys.argv, "-timeout=20", "-rss_limit_mb=3000", str(corpus)], read)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
