"""What commands say on the terminal, in the language that is asked for."""

import argparse
import sys
from collections.abc import Callable, Mapping
from typing import Any

from phusong import messages
from phusong.messages import Message, Text, message, speak
from phusong.progress import Bar, Progress, bars

LANGUAGE_HELP = f"{' or '.join(messages.SHIPPED)} (default: PHUSONG_LANG, else {messages.DEFAULT})"


def add_language(parser: argparse.ArgumentParser) -> None:
    """Give ``--lang`` to every command below a parser."""
    below = [a.choices for a in parser._actions if isinstance(a.choices, dict)]  # noqa: SLF001
    for commands in below:
        for command in set(commands.values()):
            add_language(command)
    if not below:
        parser.add_argument("--lang", metavar="LANGUAGE", help=f"language: {LANGUAGE_HELP}")


def sayer(language: str, section: str = "terminal") -> Callable[..., str]:
    """Return what says a message of a section of the catalogue, by its key and values."""
    return lambda key, **values: speak(message(f"{section}.{key}", **values), language)


def warn(text: Text, language: str) -> None:
    """Say a warning on stderr."""
    print(speak(message("terminal.warning", text=text), language), file=sys.stderr)  # noqa: T201


def samples(record: Mapping[str, Any], language: str) -> list[str]:
    """Return how many measurements were left out for which reason, and how they were read."""
    say, reason = sayer(language), sayer(language, "calibration")
    counts = {name: count for name, count in record["left_out"].items() if count}
    parts = [f"{reason(name)} {count}" for name, count in counts.items()]
    lines = [say("samples", rows=record["rows"], what=", ".join(parts))] if parts else []
    return [*lines, *(say("samples_read", what=note) for note in record["notes"])]


def spoken_bars(language: str) -> Progress:
    """Return bars of progress whose titles are spoken in a language."""

    def opened(title: Message | str, total: int) -> Bar:
        return bars(speak(title, language), total, speak(message("terminal.mast"), language))

    return opened
