"""A small run folder published, and what is read back from it."""

import json

import maps_run

from phusong.maps.feed import publish as feed


def write_run(folder, edit=None):
    """Write the small run folder; ``edit`` may change its record."""
    maps_run.write_whole(folder)
    if edit is not None:
        rewrite(folder, edit)
    return folder


def rewrite(folder, edit):
    """Change the record of a run."""
    path = folder / "run.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    edit(record)
    path.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")


def publish(run, folder, *, language="en", **options):
    """Publish a run, with warnings told to nobody; return its folder in the feed."""
    return feed.publish(run, folder, language=language, warn=lambda _: None, **options)


def tree(folder):
    """Return the bytes of every file of a folder by its relative path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
