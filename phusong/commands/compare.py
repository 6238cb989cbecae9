"""The commands ``compare`` and ``restate``: two runs side by side, one run on other units."""

import argparse
import sys
from pathlib import Path
from typing import Any

from phusong.messages import number, percent, speak
from phusong.terminal.parsing import add_csv, add_wait
from phusong.terminal.speech import sayer

# The commands import what they need: --help and a typing error should not wait.
# Printing is what commands are for.
# ruff: noqa: PLC0415, T201

Commands = Any  # argparse keeps the type of subparsers private
OUT = Path("out/compare")
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
    what = "Compare two finished runs: stations, communes, zones, coverage gained and lost."
    parser = commands.add_parser(
        "compare",
        help=what,
        description=what,
        epilog="example: phusong compare out/urban out/mine --out out/compare --lang en",
    )
    add_wait(parser, _compare, lambda options: options.out)
    parser.add_argument("run_a", type=Path, metavar="RUN_A", help="folder of the run to start from")
    parser.add_argument("run_b", type=Path, metavar="RUN_B", help="folder of the run to compare")
    parser.add_argument("--out", type=Path, default=OUT, help=f"output folder (default: {OUT})")
    add_csv(parser)
    parser.add_argument("--units", choices=UNITS, help=f"compare communes on these {ABOUT_UNITS}")
    parser.add_argument(
        "--restate",
        action="store_true",
        help="allow runs on different units, and state both on the later ones",
    )


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
    import phusong as ps
    from phusong.geodata.files import toml_json, whole
    from phusong.geodata.runs import folder as run_folder
    from phusong.scenarios.comparison import result as comparison_result
    from phusong.scenarios.results import result

    result.check_folder(options.out, comparison_result.RECORD)
    runs = (options.run_a, options.run_b)
    with whole.steady(*runs, records=[run_folder.RECORD]), run_folder.whole_run(*runs):
        compared = ps.compare(*runs, units=options.units, restate=options.restate)
        written = compared.write(
            options.out, language=options.lang, machine_csv=options.csv == "machine"
        )
    record = toml_json.read_json(written / comparison_result.RECORD)
    print(table(record, options.out, options.lang))


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
