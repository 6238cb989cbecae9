"""The command line: parse, call, print. Progress goes to stderr, results to stdout."""

import argparse
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

from phusong import __version__, memory
from phusong.api import home
from phusong.commands import (
    cache,
    calibrate,
    compare,
    data,
    export,
    link,
    predict,
    redraw,
    run,
    validate,
)
from phusong.errors import InputError, PhusongError, without_secrets
from phusong.languages import chosen_language
from phusong.messages import DEFAULT, languages, message, speak
from phusong.moment import moment
from phusong.terminal import speech, streams

DONE, FAILED, WRONG_INPUT, INTERRUPTED = 0, 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    streams.prepare()
    os.environ.setdefault(
        "OPENBLAS_NUM_THREADS", "1"
    )  # ours do the work, its own wait for each other
    options = _parser().parse_args(arguments)
    memory.hand_back()
    memory.collect_rarely()
    _interrupt_when_ended()
    _show_warnings()
    with home.home(options):
        code = _code(options)
        if lost := streams.lost_letters():
            speech.warn(lost, _language(options))
    return code


def _code(options: argparse.Namespace) -> int:
    """Call the command, say what is wrong, and return the exit code."""
    try:
        moment()  # a wrong date would else be told at the end
        options.lang = chosen_language(options.lang)
        options.command(options)
        sys.stdout.flush()
    except PhusongError as error:
        print(f"phusong: {error.spoken(_language(options))}", file=sys.stderr)
        return WRONG_INPUT if isinstance(error, InputError) else FAILED
    except KeyboardInterrupt:
        print("\n" + _text("interrupted", options), file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        _drop_stdout()
    except UnicodeEncodeError as error:
        name = error.object[:100].encode("ascii", "backslashreplace").decode("ascii")
        print(f"phusong: {_text('not_a_name', options, name=name)}", file=sys.stderr)
        return WRONG_INPUT
    except (OSError, MemoryError) as error:  # of the machine: a full disk, no memory left
        text = without_secrets(str(error)) or _text("no_memory", options)
        print(f"phusong: {text}", file=sys.stderr)
        _drop_stdout()
        return FAILED
    return DONE


def _text(key: str, options: argparse.Namespace, **values: object) -> str:
    """Return what ends a command, in its language."""
    return speak(message(f"terminal.{key}", **values), _language(options))


def _language(options: argparse.Namespace) -> str:
    """Return the language of a command, also where it is the language that is wrong."""
    return options.lang if options.lang in languages() else DEFAULT


def _interrupt_when_ended() -> None:
    """Let a request to end (SIGTERM, SIGHUP) clean up as Ctrl-C does, unless nohup ignores it."""
    if threading.current_thread() is threading.main_thread():
        for name in ("SIGTERM", "SIGHUP"):  # the second is unknown to Windows
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, signal.default_int_handler)


def _show_warnings() -> None:
    """Let warnings of phusong's own modules come to stderr, as those of the commands."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("phusong: warning: %(message)s"))
    logging.getLogger("phusong").handlers[:] = [handler]


def _drop_stdout() -> None:
    """Let nothing more be written to stdout: nobody takes it."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with the arguments, but no password that one of them holds."""

    def error(self, message: str) -> NoReturn:
        """End with a message that hides the secrets of addresses."""
        super().error(without_secrets(message))


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="phusong",
        description="Coverage planning for mobile networks: from a site list to a ranked rollout.",
        epilog="example: phusong run urban --lang en",
    )
    parser.add_argument("--version", action="version", version=f"phusong {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    run.add(commands)
    data.add(commands)
    link.add(commands)
    predict.add(commands)
    compare.add(commands)
    redraw.add(commands)
    export.add(commands)
    calibrate.add(commands)
    validate.add(commands)
    cache.add(commands)
    speech.add_language(parser)
    return parser
