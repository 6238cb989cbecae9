"""The commands ``compare`` and ``restate``: two runs side by side, one run on other units."""

import argparse
import sys
from pathlib import Path
from typing import Any

from phusong.commands import data
from phusong.errors import InputError
from phusong.messages import message, number, percent, speak
from phusong.terminal.parsing import add_csv, add_wait
from phusong.terminal.speech import sayer, spoken_bars

# The commands import what they need: --help and a typing error should not wait.
# Printing is what commands are for.
# ruff: noqa: PLC0415, T201

Commands = Any  # argparse keeps the type of subparsers private
OUT, BUILT_OUT = Path("out/compare"), Path("out/as_built")
UNITS = ("2020-03", "2025-01", "2025-07")
ABOUT_UNITS = "administrative units by the month they came into force"

# Figures of the table on stdout: name in compare.json, key of its words, whether it is a share.
PRINTED = (
    ("people_share_after", "people_share_after", True),
    ("area_share_after", "area_share_after", True),
    ("zone_demand_share_after", "zone_demand_share_after", True),
    ("stations", "station_count", False),
    ("cost_million", "cost_million", False),
)


def add(commands: Commands) -> None:
    """Add the commands to the command line."""
    _add_compare(commands)
    _add_restate(commands)


def _add_compare(commands: Commands) -> None:
    what = "Compare two finished runs, or the plan of one with what was built (--as-built)."
    parser = commands.add_parser(
        "compare",
        help=what,
        description=what,
        epilog="example: phusong compare out/urban out/mine --out out/compare --lang en",
    )
    add_wait(parser, _compare, _out)
    parser.add_argument("run_a", type=Path, metavar="RUN_A", help="folder of the run to start from")
    parser.add_argument(
        "run_b", type=Path, metavar="RUN_B", nargs="?", help="folder of the run to compare"
    )
    parser.add_argument(
        "--out", type=Path, help=f"output folder (default: {OUT}, with --as-built {BUILT_OUT})"
    )
    add_csv(parser)
    _add_as_built(parser)
    parser.add_argument("--units", choices=UNITS, help=f"compare communes on these {ABOUT_UNITS}")
    parser.add_argument(
        "--restate",
        action="store_true",
        help="allow runs on different units, and state both on the later ones",
    )


def _add_as_built(parser: argparse.ArgumentParser) -> None:
    """Add the options of a plan held against what was built."""
    parser.add_argument(
        "--as-built",
        type=Path,
        metavar="LIST",
        help="5G stations built, with operator, position and date (on_air), instead of RUN_B",
    )
    parser.add_argument(
        "--as-of", metavar="DAY", default="", help="last day that counts (default: of the list)"
    )
    parser.add_argument(
        "--within",
        type=float,
        default=100.0,
        metavar="M",
        help="how near a planned place a station is the planned one, m (default: 100)",
    )
    parser.add_argument(
        "--set",
        dest="settings",
        metavar="SECTION.KEY=VALUE",
        action="append",
        default=[],
        help="where a file is that the run's scenario names; may be repeated",
    )
    data.add_reading(parser)


def _out(options: argparse.Namespace) -> Path:
    """Return the output folder that is given, or the usual one."""
    return Path(options.out or (BUILT_OUT if options.as_built else OUT))


def _add_restate(commands: Commands) -> None:
    what = "State the communes of a finished run on other administrative units."
    parser = commands.add_parser(
        "restate",
        help=what,
        description=what,
        epilog="example: phusong restate out/urban --units 2025-07",
    )
    add_wait(parser, _restate, lambda options: options.out or options.run)
    parser.add_argument("run", type=Path, metavar="RUN", help="folder of a finished run")
    parser.add_argument("--units", choices=UNITS, default=UNITS[-1], help=ABOUT_UNITS)
    parser.add_argument("--out", type=Path, help="output folder (default: the run's own)")
    add_csv(parser)


def _compare(options: argparse.Namespace) -> None:
    if (options.run_b is None) == (options.as_built is None):
        raise InputError(message("refusal.compare_with_what"))
    if options.as_built is None:
        _compare_runs(options)
    else:
        _compare_as_built(options)


def _compare_as_built(options: argparse.Namespace) -> None:
    import phusong as ps
    from phusong.geodata.files import toml_json
    from phusong.scenarios.as_built import result as as_built_result
    from phusong.scenarios.results import result

    out = _out(options)
    result.check_folder(out, as_built_result.RECORD)
    found = ps.open_run(options.run_a).as_built(
        options.as_built,
        as_of=options.as_of,
        within_m=options.within,
        stated=data.stated(options, ("as_built",))["as_built"],
        settings=options.settings,
        progress=spoken_bars(options.lang),
    )
    note = found.found.source.note
    data.say(options.as_built.name, filter(None, note.split("; ")), options.lang)
    written = found.write(out, language=options.lang, machine_csv=options.csv == "machine")
    record = toml_json.read_json(written / as_built_result.RECORD)
    print(as_built_text(record, out, options.lang))


def as_built_text(record: dict[str, Any], out: Path, language: str) -> str:
    """Return the figures of a plan against what was built, and where its page is."""
    say, kinds = sayer(language), record["stations"]
    planned = sum(n for name, n in kinds.items() if name != "elsewhere")
    years = [
        say(
            "as_built_year",
            year=row["year"],
            planned=row["planned_stations"],
            built=row["built_stations"],
            share_planned=row["people_share_planned"],
            share_built=row["people_share_built"],
        )
        for row in record["years"]
    ]
    notes = [say("note", text=speak(note, language)) for note in record["notes"]]
    rule = say("as_built_rule", as_of=record["as_of"], within=record["within_m"])
    page = say("comparison_page", path=str(out / "as_built.html"))
    stations = say("as_built_stations", planned=planned, **kinds)
    return "\n".join([rule, stations, *years, *notes, page])


def _compare_runs(options: argparse.Namespace) -> None:
    import phusong as ps
    from phusong.geodata.files import toml_json, whole
    from phusong.geodata.runs import folder as run_folder
    from phusong.scenarios.comparison import result as comparison_result
    from phusong.scenarios.results import result

    out = _out(options)
    result.check_folder(out, comparison_result.RECORD)
    runs = (options.run_a, options.run_b)
    with whole.steady(*runs, records=[run_folder.RECORD]), run_folder.whole_run(*runs):
        compared = ps.compare(*runs, units=options.units, restate=options.restate)
        written = compared.write(out, language=options.lang, machine_csv=options.csv == "machine")
    record = toml_json.read_json(written / comparison_result.RECORD)
    print(table(record, out, options.lang))


def _restate(options: argparse.Namespace) -> None:
    from phusong.geodata import csv_forms
    from phusong.geodata.province import basis_text
    from phusong.geodata.runs import restate

    form = csv_forms.of_language(options.lang, machine=options.csv == "machine")
    done = restate.write_restated(options.run, options.units, options.out, form)
    for path in done.files:
        print(path)
    say = sayer(options.lang)
    print(say("basis", basis=basis_text(done.basis)), file=sys.stderr)
    if done.doubtful:
        units = list(done.doubtful)
        print(say("doubtful", n=len(units), of=done.units, units=units), file=sys.stderr)


def table(record: dict[str, Any], out: Path, language: str) -> str:
    """Return the figures of a comparison as a short table, and where its page is."""
    say = sayer(language)
    known = {row["name"]: row for row in record["headline"]}
    rows = [["", "A", "B", "B - A"]]
    for name, word, is_share in PRINTED:
        if name in known:
            row = known[name]
            values = (_written(row[side], language, is_share=is_share) for side in ("a", "b"))
            rows.append([say(word), *values, _change(row["delta"], language, is_share=is_share)])
    wide = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join([row[0].ljust(wide[0]), *(row[i].rjust(wide[i]) for i in (1, 2, 3))])
        for row in rows
    ]
    notes = [say("note", text=speak(note, language)) for note in record["notes"]]
    page = say("comparison_page", path=str(out / "compare.html"))
    return "\n".join([*lines, *_stations_and_areas(record, language), *notes, page])


def _written(value: float | None, language: str, *, is_share: bool) -> str:
    if value is None:
        return "-"
    return percent(value, language) if is_share else number(value, language)


def _change(value: float | None, language: str, *, is_share: bool) -> str:
    if value is None:
        return "-"
    shown = (round(100 * value, 1) if is_share else round(value)) + 0.0
    signed = f"{'+' if shown > 0 else ''}{number(shown, language, int(is_share))}"
    return sayer(language)("points", points=signed) if is_share else signed


def _stations_and_areas(record: dict[str, Any], language: str) -> list[str]:
    say, ranks = sayer(language), record["ranks"]
    rho = "-" if ranks["spearman"] is None else say("rho", rho=ranks["spearman"])
    counts = {key: ranks[key] for key in ("both", "only_a", "only_b")}
    areas = {kind: area["area_km2"] for kind, area in record["difference"].items()}
    moved = (record["sensitivity"] or {}).get("zones")
    return [
        say("compared_stations", **counts, rho=rho),
        *([say("zones_moved", **moved)] if moved else []),
        say("compared_areas", **areas),
        say("parameters_differ", n=len(record["parameters"])),
    ]
