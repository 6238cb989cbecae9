"""The command line: parse, call, print. Progress goes to stderr, results to stdout."""

import argparse
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from phusong import __version__
from phusong.commands import (
    cache,
    calibrate,
    compare,
    data,
    export,
    link,
    plan_text,
    predict,
    redraw,
    validate,
)
from phusong.commands.parsing import Commands, add_command
from phusong.errors import InputError, PhusongError

DONE, FAILED, WRONG_INPUT, INTERRUPTED = 0, 1, 2, 130

# Each command imports what it needs: --help and a typing error should not wait for numba.
# ruff: noqa: PLC0415


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = _parser().parse_args(arguments)
    _interrupt_when_ended()
    _show_warnings()
    try:
        options.command(options)
        sys.stdout.flush()
    except InputError as error:
        print(f"phusong: {error}", file=sys.stderr)
        return WRONG_INPUT
    except PhusongError as error:
        print(f"phusong: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("\nphusong: interrupted; nothing was written", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        _drop_stdout()
    except (OSError, MemoryError) as error:  # of the machine: a full disk, no memory left
        print(f"phusong: {error or 'not enough memory'}", file=sys.stderr)
        _drop_stdout()
        return FAILED
    return DONE


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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="phusong",
        description="Coverage planning for mobile networks: from a site list to a ranked rollout.",
        epilog="example: phusong run urban --lang en",
    )
    parser.add_argument("--version", action="version", version=f"phusong {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    _add_run(commands)
    data.add(commands)
    link.add(commands)
    predict.add(commands)
    compare.add(commands)
    redraw.add(commands)
    export.add(commands)
    calibrate.add(commands)
    validate.add(commands)
    cache.add(commands)
    return parser


def _add_run(commands: Commands) -> None:
    parser = add_command(
        commands,
        "run",
        _run,
        "Run a scenario and write its ranking, map, report and GIS layers.",
        "phusong run urban --lang en --set service.probability=0.8",
    )
    parser.add_argument("scenario", help="urban, industrial, tourism, province or a .toml file")
    parser.add_argument("--province", type=Path, help="province folder (default: the embedded one)")
    data.add_sites(parser, "site list that replaces the province's own")
    parser.add_argument("--roads", type=Path, metavar="FILE", help="lines of roads, for backhaul")
    parser.add_argument(
        "--fibre", type=Path, metavar="FILE", help="points with fibre (CSV, GeoJSON, GPKG)"
    )
    parser.add_argument("--out", type=Path, help="output folder (default: out/SCENARIO)")
    parser.add_argument(
        "--lang", choices=("vi", "en"), default="vi", help="language of the outputs (default: vi)"
    )
    parser.add_argument(
        "--set",
        dest="settings",
        metavar="SECTION.KEY=VALUE",
        action="append",
        default=[],
        help="change a parameter; may be repeated",
    )
    parser.add_argument(
        "--with",
        dest="overrides",
        metavar="NAME",
        action="append",
        default=[],
        help="apply a named override of the scenario, such as outdoor; may be repeated",
    )
    parser.add_argument("--workers", type=_positive, help="threads (default: all cores)")


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("must be a whole number, 1 or more")
    return int(text)


def _run(options: argparse.Namespace) -> None:
    from phusong.geodata import crs
    from phusong.scenarios.config import schema

    scenario = schema.load(options.scenario, options.settings, options.overrides)
    from phusong import pipeline
    from phusong.scenarios.results import result

    out = options.out or Path("out") / scenario.scenario.name
    result.check_folder(out)
    province = pipeline.open_province(
        options.province,
        site_list=options.sites,
        skip_bad_rows=options.skip_bad_rows,
        headers=data.mapping(options.mapping).get("sites"),
        stated_crs=crs.named(options.crs) if options.crs else None,
        roads=options.roads,
        fibre=options.fibre,
        seed=scenario.scenario.seed,
    )
    plan = pipeline.run_scenario(
        scenario, province, out, language=options.lang, workers=options.workers
    )
    for warning in plan.warnings:
        print(f"phusong: warning: {warning['en']}", file=sys.stderr)
    print(plan_text.headline(plan, out))
