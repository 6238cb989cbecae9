"""What a plan assumes, for every output to repeat."""

from phusong import columns as col
from phusong.coverage.models import REGISTRY
from phusong.geodata.province import COUNTED, LISTED, REPORTED, basis_text
from phusong.messages import Message, Text, message, recognised
from phusong.messages.catalogue import has_words
from phusong.scenarios.config.sections import Scenario
from phusong.scenarios.plan import intervals
from phusong.scenarios.plan.run import Plan

BASELINES = {LISTED: "baseline", COUNTED: "baseline_counted", REPORTED: "baseline_reported"}
# Layers whose status is told.
LAYERS = ("communes", "districts", "zones", "sites", "terrain", "landcover", "population")


def assumptions(plan: Plan) -> list[Message]:
    """Return one sentence per assumption."""
    return [
        *_statuses(plan),
        _service(plan),
        _loss(plan),
        _speed(plan),
        *_carriers(plan),
        *_calibration(plan),
        _people(plan),
        *_grown(plan),
        *baseline(plan),
        _masts(plan),
        _bands(plan),
        _spread(plan),
        _money(plan),
        *_state_share(plan),
    ]


def _statuses(plan: Plan) -> list[Message]:
    """Name the layers that are approximate or synthetic."""
    origins = plan.province.provenance.items()
    layers = {
        status: [
            message(f"layer_name.{name}")
            for name, origin in origins
            if origin.status == status and name in LAYERS
        ]
        for status in ("synthetic", "approximate")
    }
    return [
        message(f"assumption.{status}", layers=named) for status, named in layers.items() if named
    ]


def _service(plan: Plan) -> Message:
    service = plan.scenario.service
    loss_db = service.median_entry_loss_db
    places = {
        "indoor": message("assumption.indoors", loss=loss_db),
        "vehicle": message("assumption.in_vehicle", loss=loss_db),
        "outdoor": message("assumption.outdoors"),
    }
    return message(
        "assumption.service",
        layer=plan.scenario.layer_5g.title,
        threshold=service.threshold_dbm,
        place=places[service.location],
        probability=service.probability,
        required=plan.required_dbm,
    )


def _model(name: str) -> Message:
    """Return what is said of a model: a sentence of its own, else its title and source."""
    if has_words(f"assumption.model_{name}"):
        return message(f"assumption.model_{name}")
    known = REGISTRY[name]
    title: Text = message(f"model.{name}") if has_words(f"model.{name}") else known.title
    return message("assumption.model", title=title, source=known.source)


def _loss(plan: Plan) -> Message:
    scenario = plan.scenario
    return message(
        "assumption.loss",
        model=_model(scenario.propagation.model),
        far_5g=scenario.layer_5g.radius_m / 1000,
        far_4g=scenario.layer_4g.radius_m / 1000,
    )


def _speed(plan: Plan) -> Message:
    """State the traffic and the shadowing that SINR of data and speeds reckon with."""
    service, layer = plan.scenario.service, plan.scenario.layer_5g
    return message(
        "assumption.speed",
        load=layer.load,
        sigma=service.shadowing_sigma_db,
        correlation=service.shadowing_correlation,
        handset=plan.scenario.uplink.handset_power_dbm,
    )


def _carriers(plan: Plan) -> list[Message]:
    """Name the carriers that stations have beside the first, and what each costs."""
    further = plan.scenario.further_layers
    if not further:
        return []
    names = [f"{layer.title} ({layer.frequency_mhz:g} MHz)" for layer in further]
    share = plan.scenario.cost.further_carrier_share
    return [message("assumption.carriers", names=names, share=share)]


def shadowing_from(scenario: Scenario) -> str:
    """Return who states the shadowing of a run: its calibration, or the scenario."""
    tuned, sigma_db = scenario.propagation.calibration, scenario.service.shadowing_sigma_db
    return "calibration" if tuned and sigma_db == tuned.place_sd_db else "scenario"


def _calibration(plan: Plan) -> list[Message]:
    """Name the measurements that the model is tuned to, and how wrong it was on unseen ground."""
    tuned, scenario = plan.scenario.propagation.calibration, plan.scenario
    if tuned is None:
        return []
    near_m, far_m = tuned.distance_m
    return [
        message(
            "assumption.calibration",
            file=tuned.file,
            measurements=tuned.source.get("measurements", ""),
            mhz=tuned.frequency_mhz,
            near=near_m / 1000,
            far=far_m / 1000,
            rmse=tuned.rmse_db,
            sigma=scenario.service.shadowing_sigma_db,
            whose=message(f"assumption.by_{shadowing_from(scenario)}"),
        )
    ]


def _bands(plan: Plan) -> Message:
    """State the errors that the bands on people covered reckon with."""
    errors = intervals.record(plan.scenario)
    return message(
        "assumption.bands",
        common=errors["common_db"],
        area=errors["area_db"],
        km=errors["alike_over_m"] / 1000,
        place=errors["place_db"],
        near=errors["rest_alike_over_m"],
        source=errors["source"],
    )


def _people(plan: Plan) -> Message:
    basis: Text = basis_text(plan.province.basis)
    return message("assumption.people", n=round(plan.headline["population"]), basis=basis)


def baseline(plan: Plan) -> list[Message]:
    """State which 5G is on air when the plan begins, by when, and how surely that is known."""
    start = plan.province.baseline
    if start is None:
        return [message("assumption.baseline_undated", stations=plan.headline["live_5g"])]
    counts = {"later": start.later, "undated": start.undated, "known": start.on_known_positions}
    return [
        message(
            f"assumption.{BASELINES[start.placement]}",
            date=start.date,
            stations=start.stations,
            source=recognised(start.source),
            **counts,
        )
    ]


def _masts(plan: Plan) -> Message:
    left = [
        message("assumption.left", n=count, why=message(f"left_out.{reason}"))
        for reason, count in plan.choice["left_out"].items()
        if count
    ]
    positions = plan.province.live[col.POSITION_ID].nunique()
    return message("assumption.masts", n=positions, left=left or [message("assumption.none")])


def _spread(plan: Plan) -> Message:
    errors = plan.scenario.uncertainty
    return message(
        "assumption.spread",
        draws=errors.draws,
        target=errors.target_share,
        demand=errors.demand_share,
        common=errors.common_db,
        site=errors.site_db,
        field=errors.field_db,
    )


def _money(plan: Plan) -> Message:
    cost = plan.scenario.cost
    return message(
        "assumption.money",
        rate=cost.currency_per_usd,
        years=cost.horizon_years,
        discount=cost.discount_rate,
    )


def _state_share(plan: Plan) -> list[Message]:
    """State what the state pays, where it does."""
    share = plan.scenario.cost.state_equipment_share
    return [message("assumption.state_share", share=share)] if share else []


def _grown(plan: Plan) -> list[Message]:
    """State of which year residents are, where they grow."""
    growth, year = plan.scenario.demand.growth, plan.province.residents_year
    if not year:
        return []
    n, since = round(plan.headline["population"]), growth.start(plan.province.basis)
    return [message("assumption.growth", year=year, n=n, rate=growth.per_year, since=since)]


def notes(plan: Plan) -> list[Message]:
    """Return what a reader of the curves and tables will ask, and how far the model holds."""
    rollout = plan.scenario.rollout
    messages = [message("note.tiers")] if plan.tiers else []
    messages.append(message("note.predicted"))
    if not len(plan.districts) and rollout.min_per_district:
        messages.append(message("note.no_districts"))
    return [*messages, *plan.warnings]
