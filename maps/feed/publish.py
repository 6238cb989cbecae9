"""Publish a finished run: into a folder that any web server hands out, whole or not at all."""

from collections.abc import Callable
from pathlib import Path

from phusong import messages
from phusong.geodata.countries import at_home
from phusong.geodata.files import whole
from phusong.geodata.runs import folder as run_folder
from phusong.maps.feed import (
    catalogue,
    content,
    dictionary,
    figures,
    layer_files,
    masking,
    metadata,
    page,
    raster_files,
    service,
    tiles,
)
from phusong.maps.feed import folder as feed_folder
from phusong.maps.feed.content import Content
from phusong.maps.feed.folder import Feed, PublishedRun
from phusong.maps.texts import text
from phusong.messages import Text

LATEST = "latest.json"

Warn = Callable[[Text], None]


def publish(
    run: Path,
    folder: Path,
    *,
    public: bool = False,
    language: str | None = None,
    name: str = "",
    warn: Warn,
) -> Path:
    """Add a finished run to a feed, which is made where there is none.

    Parameters
    ----------
    run
        Folder of the run.
    folder
        The feed: a new or empty folder, or an earlier feed of the same province.
    public
        Whether anybody may read it: masts are counted in squares, operators and identifiers left
        out; see ``masking``.
    language
        ``vi`` or ``en``, of the texts inside the layers; that of the run if None. Figures and pages
        speak both.
    name
        What the run is called in the feed; that of its scenario if empty.
    warn
        Is told what is left out, and why.

    Returns
    -------
    Path
        The folder of the run in the feed.

    Raises
    ------
    InputError
        The run is not finished, damaged or of another version; the folder is not a feed, or one
        of another province; something cannot be written. The feed is then what it was.
    """
    opened = run_folder.open_run(run)
    feed = feed_folder.open_feed(folder)
    spoken = text.language(language or str(opened.record.get("language", messages.DEFAULT)))
    steady = whole.steady(run, records=(run_folder.RECORD,))
    with steady, run_folder.whole_run(run), at_home(opened):
        published = content.read(opened, spoken, name)
        if public:
            published = masking.public(published)
        feed_folder.check_fits(folder, feed, published)
        with feed_folder.added(folder, published.identifier) as made:
            _write(made, feed, published, warn)
    return folder / feed_folder.RUNS / published.identifier


def _write(made: Path, feed: Feed | None, published: Content, warn: Warn) -> None:
    """Write a run, and the feed with it, into the folder that is being made."""
    run = made / feed_folder.RUNS / published.identifier
    run.mkdir(parents=True)
    layer_files.write(run, published, warn)
    raster_files.write(run, published)
    names = tiles.write(run, published)
    figures.write(run, published)
    dictionary.write(run, published)
    metadata.write(run, published, warn)
    if published.public:
        masking.write_rule(run)
    after = _with(feed, published, names)
    if after.latest == published.identifier:
        service.write(made, run, published)
    catalogue.write_collection(run, published)
    page.write(made, after, published.language)
    feed_folder.write_json(made / catalogue.NAME, catalogue.root(after, published.language))
    feed_folder.write_json(made / LATEST, _latest(after))
    feed_folder.write_json(made / feed_folder.NAME, after.model_dump())


def _with(feed: Feed | None, published: Content, tiles_: list[str]) -> Feed:
    """Return the feed as it is with a run added."""
    entry = PublishedRun(
        id=published.identifier,
        name=published.name,
        title=published.title,
        created=published.publication.stamp,
        bounds=published.bounds,
        years=published.years,
        digest=published.digest,
        tiles=tiles_,
    )
    if feed is not None:
        return feed.with_run(entry)
    return Feed(
        phusong_feed=feed_folder.SCHEMA_VERSION,
        public=published.public,
        province=published.province,
        latest=entry.id,
        runs=[entry],
    )


def _latest(feed: Feed) -> dict[str, str]:
    """Return where the files of the latest run lie, from the feed's own folder."""
    run = feed.run(feed.latest)
    return {
        "id": run.id,
        "created": run.created,
        "folder": run.href,
        "figures": f"{run.href}/{figures.NAME}",
        "collection": f"{run.href}/{catalogue.COLLECTION}",
    }


def files_of_feed() -> set[str]:
    """Return the files of a feed beside its runs, by their paths in it."""
    app = (*page.SCRIPTS, page.STYLE, page.SETTINGS, "leaflet.js", "leaflet.css")
    names = {page.NAME, LATEST, catalogue.NAME, service.NAME, feed_folder.NAME}
    return names | {f"{page.FOLDER}/{name}" for name in app}
