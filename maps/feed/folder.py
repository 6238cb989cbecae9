"""The folder of a feed: which runs it holds, which is the latest, and how one is added whole."""

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from phusong.errors import Defect, InputError
from phusong.geodata.files import guard, toml_json, whole
from phusong.maps.feed.content import Content, Texts
from phusong.messages import Text, message

NAME = "feed.json"
RUNS = "runs"
SCHEMA_VERSION = 1
Degrees = Annotated[float, Field(ge=-180, le=180)]
Bounds = tuple[Degrees, Degrees, Degrees, Degrees]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PublishedRun(_Strict):
    """A run that a feed holds."""

    id: str = Field(pattern=r"^[a-z0-9_-]+-\d{8}T\d{6}Z$")
    name: str
    title: Texts
    created: str
    bounds: Bounds
    years: list[int]
    digest: str
    tiles: list[str]

    @property
    def href(self) -> str:
        """Where it lies in the feed."""
        return f"{RUNS}/{self.id}"


class Feed(_Strict):
    """What ``feed.json`` says: one province, its runs, and whether anybody may read them."""

    phusong_feed: int
    public: bool
    province: str
    latest: str
    runs: list[PublishedRun]

    def with_run(self, run: PublishedRun) -> "Feed":
        """Return the feed with a run added, or put in the place of its earlier publication.

        The latest is the run that was made last; of two of one moment, the one added last.
        """
        runs = sorted([*(r for r in self.runs if r.id != run.id), run], key=lambda r: r.id)
        newest = max(r.created for r in runs)
        latest = run.id if run.created == newest else self.latest
        return self.model_copy(update={"runs": runs, "latest": latest})

    def run(self, identifier: str) -> PublishedRun:
        """Return a run by its identifier."""
        return next(run for run in self.runs if run.id == identifier)


def open_feed(folder: Path) -> Feed | None:
    """Return what a folder holds; None where it is empty or not there yet.

    Raises
    ------
    InputError
        When the folder holds something else, or a feed of another version.
    """
    if not folder.exists():
        return None
    if not folder.is_dir():
        raise _refused(folder, message("problem.is_a_file"))
    whole.drop_left_overs(folder)
    if not (folder / NAME).exists():
        if any(folder.iterdir()):
            raise _refused(folder, message("problem.is_not_empty_and_holds_no_feed"))
        return None
    return _read(guard.beside(folder, NAME))


def _read(path: Path) -> Feed:
    tree = toml_json.read_json(path)
    if tree.get("phusong_feed", SCHEMA_VERSION) != SCHEMA_VERSION:
        raise _refused(path, message("problem.is_a_feed_of_another_version"))
    try:
        feed = Feed.model_validate(tree)
        feed.run(feed.latest)
    except (ValidationError, StopIteration):
        raise _refused(path, message("problem.is_no_record_of_a_feed")) from None
    return feed


def _refused(path: Path, problem: Text) -> InputError:
    remedy = message("remedy.give_a_new_or_empty_folder_or_a_feed")
    return InputError(message("refusal.cannot_publish_there"), [Defect(str(path), problem, remedy)])


def check_fits(folder: Path, feed: Feed | None, content: Content) -> None:
    """Raise when a run does not belong beside those that a feed holds.

    Raises
    ------
    InputError
        Another province (by name, or by place under the same name), a run with positions beside
        runs for the public or the other way round, another run of the same name and moment.
    """
    if feed is None:
        return
    defects = []
    remedy = message("remedy.publish_it_into_another_folder")
    if feed.province != content.province:
        problem = message("problem.is_a_feed_of_another_province", province=feed.province)
        defects.append(Defect(str(folder), problem, remedy, value=content.province))
    elif any(_apart(run.bounds, content.bounds) for run in feed.runs):
        problem = message("problem.lies_elsewhere_under_one_name")
        defects.append(Defect(str(folder), problem, remedy, value=content.province))
    if feed.public != content.public:
        key = "problem.is_a_feed_for_the_public" if feed.public else "problem.is_not_for_the_public"
        defects.append(Defect(str(folder), message(key), remedy))
    same = [run for run in feed.runs if run.id == content.identifier]
    if not defects and same and same[0].digest != content.digest:
        problem = message("problem.holds_another_run_of_this_name")
        remedy = message("remedy.give_it_another_name_with_name")
        defects.append(Defect(str(folder), problem, remedy, value=content.identifier))
    if defects:
        raise InputError(message("refusal.the_run_does_not_fit_the_feed"), defects)


def _apart(one: Bounds, other: Bounds) -> bool:
    """Return whether two boxes have no place in common."""
    west, south, east, north = one
    return other[0] > east or other[2] < west or other[1] > north or other[3] < south


@contextmanager
def added(folder: Path, identifier: str) -> Iterator[Path]:
    """Yield an empty folder whose content joins the feed when the block succeeds.

    The block writes the run to ``runs/IDENTIFIER`` and, beside ``runs``, the files of the feed
    itself. These take their places one after the other, ``feed.json`` last; where one cannot, all
    earlier ones come back. When the block fails or is interrupted, the feed is what it was.
    """
    is_new = not folder.exists()
    try:
        with whole.writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
        with whole.folder_in(folder, identifier) as made:
            yield made
            with whole.writing(folder):
                whole.exchange(made, folder, _moves(made, identifier))
    finally:
        if is_new and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def _moves(made: Path, identifier: str) -> list[str]:
    """Return what takes its place, in order: the run, pages and scripts, the record last."""
    files = sorted(
        path.relative_to(made).as_posix()
        for path in made.rglob("*")
        if path.is_file() and not path.is_relative_to(made / RUNS)
    )
    return [f"{RUNS}/{identifier}", *(name for name in files if name != NAME), NAME]


def write_json(path: Path, tree: object) -> None:
    """Write JSON as a feed holds it: the same tree gives the same bytes."""
    text = json.dumps(tree, ensure_ascii=False, indent=1, allow_nan=False)
    whole.write_text(path, f"{text}\n")


def copy(source: Path, target: Path) -> None:
    """Copy the content of a file."""
    with whole.replace_whole(target) as temporary:
        shutil.copyfile(source, temporary)


def first(runs: Sequence[PublishedRun]) -> PublishedRun:
    """Return the run that was made first."""
    return min(runs, key=lambda run: run.created)
