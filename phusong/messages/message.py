"""A message: what is said, by the identifier of its words, and the values that it names."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

FIELDS = {"id", "values"}


@dataclass(frozen=True)
class Message:
    """Something to say in any language.

    Parameters
    ----------
    id
        Section and key of its words in every catalogue, such as ``reason.cost``.
    values
        Numbers, texts, messages, or lists of them, by the names that the words use.
    """

    id: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return the message in English, as a Python error says it."""
        from phusong.messages.speech import speak  # noqa: PLC0415 - which speaks messages

        return speak(self, "en")

    def __hash__(self) -> int:
        """Return a hash: values may be lists."""
        return hash(self.id)

    def record(self) -> dict[str, Any]:
        """Return the message as JSON and TOML hold it: ``{"id": ..., "values": {...}}``."""
        return {"id": self.id, "values": {key: _plain(v) for key, v in self.values.items()}}


Text = Message | str  # what is said, or text that a person has written


def message(id_: str, /, **values: object) -> Message:
    """Return a message with its values as plain numbers, texts, messages and lists.

    >>> message("reason.people", n=1200).record()
    {'id': 'reason.people', 'values': {'n': 1200}}
    """
    return Message(id_, {key: _scalar(value) for key, value in values.items()})


def is_one(text: Text, *ids: str) -> bool:
    """Return whether a text is a message with one of these identifiers."""
    return isinstance(text, Message) and text.id in ids


def is_record(tree: object) -> bool:
    """Return whether a tree from a file is the record of a message."""
    return isinstance(tree, Mapping) and tree.keys() == FIELDS and isinstance(tree["id"], str)


def text_of(tree: Any) -> Text:  # noqa: ANN401 - trees of files hold anything
    """Return the text or message that a tree from a file holds."""
    return Message(tree["id"], tree["values"]) if is_record(tree) else tree


def _scalar(value: Any) -> Any:  # noqa: ANN401 - numpy's numbers are not imported here
    if isinstance(value, list | tuple):
        return [_scalar(part) for part in value]
    return value.item() if hasattr(value, "item") else value


def _plain(value: object) -> object:
    if isinstance(value, Message):
        return value.record()
    return [_plain(part) for part in value] if isinstance(value, list) else value
