"""How a command is added to the command line."""

import argparse
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

Commands = Any  # argparse keeps the type of subparsers private


def add_command(
    commands: Commands,
    name: str,
    command: Callable[[argparse.Namespace], None],
    summary: str,
    example: str,
) -> argparse.ArgumentParser:
    """Add a command with its summary and an example, and return its parser."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=summary, description=summary, epilog=f"example: {example}"
    )
    parser.set_defaults(command=command)
    return parser


def add_wait(
    parser: argparse.ArgumentParser,
    command: Callable[[argparse.Namespace], None],
    place: Callable[[argparse.Namespace], Path | None],
) -> None:
    """Let a command hold the lock of what it writes, or wait for it with ``--wait``."""
    parser.add_argument(
        "--wait",
        action="store_true",
        help="wait for another phusong that writes there (default: stop and say which)",
    )

    def locked(options: argparse.Namespace) -> None:
        from phusong import lock  # noqa: PLC0415 - --help should not wait

        written = place(options)
        with nullcontext() if written is None else lock.held(written, wait=options.wait):
            command(options)

    parser.set_defaults(command=locked)


def add_csv(parser: argparse.ArgumentParser) -> None:
    """Let a command write its CSV files for machines."""
    parser.add_argument(
        "--csv",
        choices=("language", "machine"),
        default="language",
        help="CSV files as spreadsheets of the language open them, or with commas and points",
    )
