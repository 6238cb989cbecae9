"""The commands ``compare`` and ``restate``: two runs side by side, one run on other units."""

import argparse
import sys
from pathlib import Path
from typing import Any

from phusong.commands.parsing import add_wait
from phusong.messages import speak

# The commands import what they need: --help and a typing error should not wait.
# Printing is what commands are for.
# ruff: noqa: PLC0415, T201

Commands = Any  # argparse keeps the type of subparsers private
OUT = Path("out/compare")
UNITS = ("2020-03", "2025-01", "2025-07")
ABOUT_UNITS = "administrative units by the month they came into force"

# Figures of the table on stdout: name in compare.json, label in English and Vietnamese, form.
SHARE, NUMBER = "share", "number"
PRINTED = (
    ("people_share_after", "residents covered", "dân số được phủ sóng", SHARE),
    ("area_share_after", "area covered", "diện tích được phủ sóng", SHARE),
    ("zone_demand_share_after", "zone demand covered", "nhu cầu khu vực ưu tiên", SHARE),
    ("stations", "stations", "số trạm", NUMBER),
    ("cost_million", "cost, million VND", "chi phí, triệu đồng", NUMBER),
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
    parser.add_argument(
        "--lang", choices=("vi", "en"), default="vi", help="language shown first (default: vi)"
    )
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


def _compare(options: argparse.Namespace) -> None:
    import phusong as ps
    from phusong.geodata.files import toml_json
    from phusong.scenarios.comparison import result as comparison_result
    from phusong.scenarios.results import result

    result.check_folder(options.out, comparison_result.RECORD)
    compared = ps.compare(
        options.run_a, options.run_b, units=options.units, restate=options.restate
    )
    written = compared.write(options.out, language=options.lang)
    record = toml_json.read_json(written / comparison_result.RECORD)
    print(table(record, options.out, options.lang))


def _restate(options: argparse.Namespace) -> None:
    from phusong.geodata.runs import restate

    done = restate.write_restated(options.run, options.units, options.out)
    for path in done.files:
        print(path)
    print(f"phusong: residents as the run counts them: {done.basis}", file=sys.stderr)
    if done.doubtful:
        said = f"{len(done.doubtful)} of {done.units} units have a part whose link is not verified"
        print(f"phusong: {said}: {', '.join(done.doubtful)}", file=sys.stderr)


def table(record: dict[str, Any], out: Path, language: str) -> str:
    """Return the figures of a comparison as a short table, and where its page is."""
    vi = language == "vi"
    known = {row["name"]: row for row in record["headline"]}
    rows = [["", "A", "B", "B - A"]]
    for name, english, vietnamese, form in PRINTED:
        if name in known:
            row = known[name]
            cells = [_written(row[key], form, signed=key == "delta") for key in ("a", "b", "delta")]
            rows.append([vietnamese if vi else english, *cells])
    wide = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join([row[0].ljust(wide[0]), *(row[i].rjust(wide[i]) for i in (1, 2, 3))])
        for row in rows
    ]
    return "\n".join([*lines, *_stations_and_areas(record, vi=vi), *_notes(record, language, out)])


def _written(value: float | None, form: str, *, signed: bool) -> str:
    if value is None:
        return "-"
    shown = (round(100 * value, 1) if form == SHARE else round(value)) + 0.0
    sign = "+" if signed and shown else ""
    if form == SHARE:
        return f"{shown:{sign}.1f} {'pp' if signed else '%'}"
    return f"{shown:{sign},.0f}"


def _stations_and_areas(record: dict[str, Any], *, vi: bool) -> list[str]:
    ranks, areas = record["ranks"], record["difference"]
    rho = "-" if ranks["spearman"] is None else f"{ranks['spearman']:.3f}"
    km2 = {kind: f"{area['area_km2']:,.1f} km2" for kind, area in areas.items()}
    both, only_a, only_b = (ranks[key] for key in ("both", "only_a", "only_b"))
    count = len(record["parameters"])
    if vi:
        return [
            f"trạm: {both} ở cả hai, {only_a} chỉ ở A, {only_b} chỉ ở B; tương quan hạng {rho}",
            f"phủ sóng: thêm {km2['gained']}, mất {km2['lost']}, ở cả hai {km2['both']}",
            f"tham số khác nhau: {count}",
        ]
    return [
        f"stations: {both} in both, {only_a} in A only, {only_b} in B only; rank correlation {rho}",
        f"coverage: {km2['gained']} gained, {km2['lost']} lost, {km2['both']} in both",
        f"parameters that differ: {count}",
    ]


def _notes(record: dict[str, Any], language: str, out: Path) -> list[str]:
    label, page = ("lưu ý", "trang so sánh") if language == "vi" else ("note", "page")
    notes = [f"{label}: {speak(note, language)}" for note in record["notes"]]
    return [*notes, f"{page}: {out / 'compare.html'}"]
