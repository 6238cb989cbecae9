"""Folders of results: made beside, then put in the place of an earlier one, file by file.

A break while they are made leaves the earlier files as they were and a hidden folder beside,
which nothing reads. A break in the moment in which the files change places leaves a mark, so
that no reader takes a mixture of old and new for a result.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from phusong.errors import Defect, InputError
from phusong.geodata.files import guard, lock, whole

MARK = ".unfinished"


def is_ours(out: Path, record: str) -> bool:
    """Return whether a folder may be replaced: it is empty, or holds an earlier result."""
    names = {path.name for path in out.iterdir()}
    return not names or bool(names & {record, MARK})


def check_whole(folder: Path) -> None:
    """Raise when the files of a folder were being replaced when something stopped it."""
    if (folder / MARK).exists():
        problem = "holds files of two runs: one replaces the other, or was stopped while it did"
        raise InputError(f"{folder} is not whole", [Defect(str(folder), problem, "run it again")])


@contextmanager
def replaced(out: Path, record: str, own: Iterable[str]) -> Iterator[Path]:
    """Yield an empty folder whose files take their place in ``out`` when the block succeeds.

    Parameters
    ----------
    out : the folder, which is made if it is not there; foreign files in it stay.
    record : the file by which the result is known; it takes its place last.
    own : names of the earlier result, which go where the new one does not write them.
    """
    with whole.writing(out):
        out.parent.mkdir(parents=True, exist_ok=True)
    with lock.held(out), _made_beside(out) as folder:
        try:
            yield folder
            with whole.writing(out):
                _swap(folder, out, record, own)
        except InputError as error:
            raise error.shown_as(str(folder), str(out)) from None


@contextmanager
def _made_beside(out: Path) -> Iterator[Path]:
    with ExitStack() as stack:
        with whole.writing(out):
            folder = stack.enter_context(whole.folder_beside(out))
        yield folder


@contextmanager
def steady(*folders: Path, records: Sequence[str]) -> Iterator[None]:
    """Raise when a folder that the block reads was replaced meanwhile, by its records."""
    for folder in folders:
        check_whole(folder)
    with guard.unchanged(*(folder / record for folder in folders for record in records)):
        yield
    for folder in folders:
        check_whole(folder)


def _swap(folder: Path, out: Path, record: str, own: Iterable[str]) -> None:
    new = sorted(path.name for path in folder.iterdir())
    out.mkdir(exist_ok=True)
    (out / MARK).touch()
    for old in own:
        if old not in new and (out / old).is_file():
            (out / old).unlink()
    for name in [n for n in new if n != record] + [record]:
        (folder / name).replace(out / name)
    (out / MARK).unlink()
