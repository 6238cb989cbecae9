"""How a command is added to the command line."""

import argparse
from collections.abc import Callable
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
