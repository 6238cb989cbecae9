"""The command ``run``: a scenario becomes a plan, with map, report and GIS layers."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from phusong import columns as col
from phusong import meanings
from phusong.commands import data
from phusong.messages import message, speak
from phusong.terminal.parsing import Commands, add_command, add_csv, add_wait
from phusong.terminal.speech import sayer, spoken_bars, warn

if TYPE_CHECKING:
    import pandas as pd

    from phusong.geodata.files.table import Stated
    from phusong.geodata.province import Province, SiteList
    from phusong.scenarios.config.sections import Scenario
    from phusong.scenarios.plan.run import Plan
    from phusong.scenarios.results.outputs import Outputs

# The command imports what it needs: --help and a typing error should not wait for numba.
# Printing is what commands are for.
# ruff: noqa: PLC0415, T201

FIRST_ZONES = 3  # named by rank
PAGES = ("map", "report")


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
    parser.add_argument(
        "--only",
        type=lambda text: text.split(","),
        default=[],
        metavar="NAME,...",
        help="write only these, into an earlier run too, and compute no more than they need: "
        "map, report, ranking, layers, tables, rasters, package, what_if, or a layer or raster "
        "by its name, such as communes or rsrp_after",
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
    from phusong.geodata import memory

    if options.workers != 1:
        rehearsal.begin()
    from phusong.scenarios.results import outputs, result

    wanted = outputs.asked(options.only)
    scenario = _scenario(options)
    out = _out(options)
    result.check_folder(out)
    province, existing = with_lists(options, scenario.scenario.seed)
    if short := memory.shortage(province.commune_index.values.size):
        warn(short, options.lang)
    planned = ps.plan(
        province,
        scenario,
        existing_5g=existing,
        language=options.lang,
        progress=spoken_bars(options.lang),
        workers=options.workers,
        proof=options.proof,
        what_if=wanted.has("what_if.bin"),
    )
    planned.write(out, machine_csv=options.csv == "machine", only=options.only)
    for warning in planned.warnings:
        warn(warning, options.lang)
    print(headline(planned.plan, out, options.lang, wanted))


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


def headline(plan: "Plan", out: Path, language: str, wanted: "Outputs") -> str:
    """Return the figures of a run in a few lines, and where its pages are."""
    from phusong.scenarios.results.assumptions import baseline

    say = sayer(language)
    figures, choice = plan.headline, plan.choice
    named = meanings.share_names(plan.scenario.service.model_dump(), language)
    stations = {key: figures[key] for key in ("stations", "colocated", "new")}
    lines = [
        say(
            "stations",
            **stations,
            candidates=choice["candidates"],
            cost=plan.cost["capex_million"],
        ),
        say(
            "people_5g",
            before=figures["people_share_before"],
            after=figures["people_share_after"],
            sure=figures["sure_people_share_after"],
            outdoors=figures["outdoor_people_share_after"],
            expected_name=named[meanings.EXPECTED],
            sure_name=named[meanings.SURE],
            outdoors_name=named[meanings.OUTDOORS],
            **_range(figures, "people_share_after"),
        ),
        say("people_4g", share=figures["people_share_4g"]),
        *(speak(told, language) for told in baseline(plan)),
        *(say("year", **_year(year)) for year in plan.years),
        *(_tier(tier, language) for tier in plan.tiers if tier["years"][-1]["target"] is not None),
        _proof(choice, language),
        *_zones(plan, language),
        *([say("classes", **_classes(plan.ranking[col.STABILITY]))] if choice["proof"] else []),
        *(
            say(page, path=str(out / f"{page}.html"))
            for page in PAGES
            if wanted.has(f"{page}.html")
        ),
        *([say("only", names=list(wanted.names), path=str(out))] if wanted.names else []),
    ]
    return "\n".join(lines)


def _proof(choice: dict[str, Any], language: str) -> str:
    """Return how far a plan may lie from the best."""
    if not choice["proof"]:
        return speak(message("warning.no_proof"), language)
    say, gap = sayer(language), choice["gap"]
    return say("no_gap") if gap is None else say("gap", gap=gap)


def _year(year: dict[str, Any]) -> dict[str, Any]:
    figures = {key: year[key] for key in ("year", "stations")}
    share, ends = year["people_share"], _range(year, "people_share")
    return {**figures, "cost": year["cost_million"], "share": share, **ends}


def _tier(tier: dict[str, Any], language: str) -> str:
    """Return what a tier asked for and reached by the last year."""
    say, last = sayer(language), tier["years"][-1]
    figures = {key: last[key] for key in ("year", "target", "reached")}
    return say("tier", tier=tier["tier"], title=speak(tier["title"], language), **figures)


def _range(figures: dict[str, Any], name: str) -> dict[str, float]:
    """Return the band on a share."""
    return {end: figures[f"{name}_{end}"] for end in ("low", "high")}


def _zones(plan: "Plan", language: str) -> list[str]:
    """Return which zones come first and how surely, where the plan ranks any."""
    zones, say = plan.choice["zones"], sayer(language)
    if plan.zones_ranking.empty:
        return []
    first = plan.zones_ranking.nsmallest(FIRST_ZONES, col.RANK, keep="first")[col.NAME].tolist()
    known = {"first": first, "correlation": zones["score_topsis_correlation"]}
    if zones["consistency_ratio"] > 0:
        return [say("zones", ratio=zones["consistency_ratio"], **known)]
    return [say("zones_given", **known)]


def _classes(stability: "pd.Series") -> dict[str, int]:
    return {name: int((stability == name.upper()).sum()) for name in ("a", "b", "c")}
