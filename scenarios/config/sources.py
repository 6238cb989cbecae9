"""Where the keys of a scenario stand: in which file and line, which override or ``--set``."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from phusong.errors import Defect
from phusong.geodata.toml_document import Key, line_of
from phusong.messages import Text


class ScenarioPart(NamedTuple):
    """A part of a scenario: its name as shown, its content, and the text it was read from.

    ``within`` is the table of the text that holds the content, such as overrides.outdoor.
    """

    name: str
    tree: dict[str, Any]
    text: str = ""
    within: tuple[str, ...] = ()

    def line(self, key: Key) -> int | None:
        """Return the line of a key, or of the table or list that it stands in; None without."""
        return line_of(self.text, (*self.within, *key)) if self.text else None


@dataclass(frozen=True)
class Origin:
    """The sources of a scenario, later ones winning; all origins are equal."""

    sources: tuple[ScenarioPart, ...] = field(default=(), compare=False)

    def source_of(self, key: Key) -> tuple[ScenarioPart, Key]:
        """Return the last source that states a key, or else the table it would stand in."""
        for length in range(len(key), 0, -1):
            for source in reversed(self.sources):
                if _holds(source.tree, key[:length]):
                    return source, key[:length]
        return (self.sources[-1] if self.sources else ScenarioPart("scenario", {})), ()

    def defect(self, key: Key, problem: Text, remedy: Text = "", value: object = None) -> Defect:
        """Return what is wrong with the value of a key, with its file and line."""
        source, stated = self.source_of(key)
        row = source.line(key if stated else ())
        return Defect(source.name, problem, remedy, row=row, column=spelt(key), value=value)


def spelt(key: Key) -> str:
    """Return a key as it is written in ``--set``: tables of a list are counted from 1 on.

    >>> spelt(("tiers", 1, "targets"))
    'tiers.2.targets'
    """
    return ".".join(map(_name, key))


def _holds(tree: object, key: Key) -> bool:
    """Return whether a tree states a key; ``--set tiers.2.of=...`` states one of a list."""
    for part in key:
        if isinstance(tree, list) and isinstance(part, int) and part < len(tree):
            tree = tree[part]
        elif isinstance(tree, dict) and (name := _name(part)) in tree:
            tree = tree[name]
        else:
            return False
    return True


def _name(part: str | int) -> str:
    return str(part + 1) if isinstance(part, int) else part


def named(sources: Sequence[ScenarioPart], section: str) -> str:
    """Return the name of the last source that says something of a section."""
    name: str = next(source.name for source in reversed(sources) if section in source.tree)
    return name
