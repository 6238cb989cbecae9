"""The command ``run``: a scenario becomes a plan, with map, report and GIS layers."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from phusong.commands import data, plan_text
from phusong.terminal.parsing import Commands, add_command, add_csv, add_wait
from phusong.terminal.speech import spoken_bars, warn

if TYPE_CHECKING:
    from phusong.geodata.files.table import Stated
    from phusong.geodata.province import Province, SiteList
    from phusong.scenarios.config.sections import Scenario

# The command imports what it needs: --help and a typing error should not wait for numba.
# Printing is what commands are for.
# ruff: noqa: PLC0415, T201


def add(commands: Commands) -> None:
    """Add the command to the command line."""
    parser = add_command(
        commands,
        "run",
        _run,
        "Run a scenario and write its ranking, map, report and GIS layers.",
        "phusong run urban --lang en --set service.probability=0.8",
    )
    parser.add_argument("scenario", help="urban, industrial, tourism, province or a .toml file")
    add_inputs(parser)
    parser.add_argument("--out", type=Path, help="output folder (default: out/SCENARIO)")
    add_csv(parser)
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
    add_wait(parser, _run, _out)
    parser.add_argument(
        "--no-proof",
        dest="proof",
        action="store_false",
        help="leave out proof and redraws of the choice: quicker, and every output says so",
    )
    parser.add_argument("--workers", type=_positive, help="threads (default: all cores)")


def add_inputs(parser: argparse.ArgumentParser) -> None:
    """Add the province and the lists that a plan is made with."""
    parser.add_argument("--province", type=Path, help="province folder (default: the embedded one)")
    data.add_sites(parser, "site list that replaces the province's own")
    parser.add_argument("--roads", type=Path, metavar="FILE", help="lines of roads, for backhaul")
    parser.add_argument(
        "--fibre", type=Path, metavar="FILE", help="points with fibre (CSV, GeoJSON, GPKG)"
    )
    parser.add_argument(
        "--existing-5g",
        type=Path,
        metavar="FILE",
        help="5G stations on air, with operator and date (on_air), in place of the province's own",
    )


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("must be a whole number, 1 or more")
    return int(text)


def _out(options: argparse.Namespace) -> Path:
    """Return the output folder that is given, or the one named after the scenario."""
    return Path(options.out) if options.out else Path("out") / _scenario(options).scenario.name


def _scenario(options: argparse.Namespace) -> "Scenario":
    """Return the scenario that is asked for, in the country of the province."""
    import phusong as ps
    from phusong.geodata.provinces import folder

    country = folder.country_of(options.province)
    return ps.load_scenario(options.scenario, options.settings, options.overrides, country)


def _run(options: argparse.Namespace) -> None:
    import phusong as ps
    from phusong.api import rehearsal

    if options.workers != 1:
        rehearsal.begin()
    from phusong.scenarios.results import result

    scenario = _scenario(options)
    out = _out(options)
    result.check_folder(out)
    province, existing = with_lists(options, scenario.scenario.seed)
    planned = ps.plan(
        province,
        scenario,
        existing_5g=existing,
        language=options.lang,
        progress=spoken_bars(options.lang),
        workers=options.workers,
        proof=options.proof,
    )
    planned.write(out, machine_csv=options.csv == "machine")
    for warning in planned.warnings:
        warn(warning, options.lang)
    print(plan_text.headline(planned.plan, out, options.lang))


def with_lists(options: argparse.Namespace, seed: int) -> "tuple[Province, SiteList | None]":
    """Return the province of the options with its lists, and the list of 5G on air."""
    import phusong as ps

    stated = data.stated(options, ("sites", "roads", "fibre", "existing_5g"))
    province = ps.open_province(
        options.province, roads=options.roads, fibre=options.fibre, stated=stated, seed=seed
    )
    for name, frame in (("roads", province.roads), ("fibre", province.fibre)):
        if frame is not None:
            data.say(getattr(options, name).name, frame.attrs.get("notes", ()), options.lang)
    if options.sites is not None:
        province = province.with_sites(_listed(options, "sites", province, stated))
    existing = options.existing_5g and _listed(options, "existing_5g", province, stated)
    return province, existing


def _listed(
    options: argparse.Namespace, name: str, province: "Province", stated: dict[str, "Stated"]
) -> "SiteList":
    """Return the sites of the list of an option, and say how it was read."""
    import phusong as ps

    path = getattr(options, name)
    reading = data.reading(options, stated[name])
    reading["skip_bad_rows"] &= name == "sites"  # the rows left out have one file
    listed = ps.read_sites(path, province, **reading)
    data.say(path.name, filter(None, listed.provenance.note.split("; ")), options.lang)
    return listed
