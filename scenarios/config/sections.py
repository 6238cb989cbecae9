"""A scenario and its sections: what each may say, and within which limits."""

import math
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BeforeValidator,
    Field,
    InstanceOf,
    PlainSerializer,
    PrivateAttr,
    ValidationInfo,
    field_validator,
    model_validator,
)

from phusong.coverage import entry_loss
from phusong.geodata.countries import Country, open_country
from phusong.messages import message
from phusong.scenarios.config.cost_rates import CostRates
from phusong.scenarios.config.layers import FurtherCarrier, Layer, Section
from phusong.scenarios.config.policy import (
    INDOOR,
    DemandWeights,
    FilePath,
    QuotaRule,
    ServedLevel,
    Text,
    TierRule,
    TierZones,
    Year,
    ZonePriority,
)
from phusong.scenarios.config.sources import Origin
from phusong.scenarios.propagation import calibration_file, model_settings
from phusong.scenarios.propagation.calibration_file import Calibrated

__all__ = [
    "INDOOR",
    "Calibration",
    "Candidates",
    "MastKind",
    "QuotaRule",
    "Rollout",
    "Scenario",
    "ServedLevel",
    "Service",
    "TierRule",
    "TierZones",
]
ENTRY_MHZ = 2550.0  # gives the spread of entry loss its shape; the deviation is stated
Kind = Literal["urban", "industrial", "tourism", "province"]


def _opened(named: object) -> object:
    """Return the calibrated model that a scenario names, None where it names none."""
    return (
        (calibration_file.load(Path(named)) if named else None) if isinstance(named, str) else named
    )


Calibration = Annotated[
    InstanceOf[Calibrated] | None,
    BeforeValidator(_opened),
    PlainSerializer(lambda calibration: calibration.file if calibration else "", return_type=str),
]
LandClass = Literal["outside", "urban", "industrial", "settlement", "farmland", "forest", "water"]
Setting = Literal["urban", "township", "industrial", "rural", "mountain"]


class ScenarioIdentity(Section):
    """Name, kind and seed of a scenario."""

    name: str = Field(pattern=r"^[\w-]+$")
    kind: Kind
    seed: int = Field(ge=0)
    title: Text
    description: Text


class Service(Section):
    """When a place counts as covered by 5G."""

    threshold_dbm: float = Field(ge=-156, le=-31)
    location: Literal["indoor", "vehicle", "outdoor"]
    entry_loss_db: float = Field(ge=0, le=80)
    entry_loss_sigma_db: float = Field(ge=0, le=30)
    probability: float = Field(gt=0, lt=1)
    shadowing_sigma_db: float = Field(ge=0, le=20)
    shadowing_correlation: float = Field(ge=0, le=1)
    outdoor_threshold_dbm: float = Field(ge=-156, le=-31)
    receiver_height_m: float = Field(ge=1, le=10)

    @property
    def median_entry_loss_db(self) -> float:
        """Return the median loss on entering where the handset is: a building, a car, nothing."""
        losses = {"indoor": self.entry_loss_db, "vehicle": entry_loss.VEHICLE_MEDIAN_DB}
        return losses.get(self.location, 0.0)

    @property
    def entry_spread(self) -> entry_loss.EntryLossSpread:
        """Return how that loss is spread: as in P.2109 indoors, normally in vehicles."""
        if self.location == "indoor":
            return entry_loss.building(ENTRY_MHZ, self.entry_loss_sigma_db)
        in_car = self.location == "vehicle"
        return entry_loss.normal(entry_loss.VEHICLE_SIGMA_DB) if in_car else entry_loss.NONE

    @property
    def spread_db(self) -> float:
        """Return the deviation of shadowing and entry loss together."""
        return math.sqrt(self.shadowing_sigma_db**2 + self.entry_spread.variance_db2)


class Propagation(Section):
    """Which model predicts the loss, calibrated or not, and what it assumes of climate and land.

    ``clutter_m`` are heights of classes of land where they are not the model's own.
    """

    model: str
    calibration: Calibration
    time_percent: float = Field(ge=1, le=50)
    delta_n: float = Field(ge=0, le=150)
    n0: float = Field(ge=200, le=500)
    polarization: Literal["vertical", "horizontal"]
    street_width_m: float = Field(ge=5, le=200)
    edge_m: float = Field(ge=0, le=5000)
    pattern_fill: float = Field(ge=0, le=0.5)
    clutter_m: dict[LandClass, Annotated[float, Field(ge=0, le=100)]]

    @field_validator("model")
    @classmethod
    def _known(cls, name: str) -> str:
        if problem := model_settings.unknown(name):
            raise ValueError(problem)
        return name

    @model_validator(mode="after")
    def _as_calibrated(self) -> Self:
        if self.calibration and self.calibration.model != self.model:
            calibration = self.calibration
            raise ValueError(
                f"{calibration.file} calibrates {calibration.model}, not {self.model}: "
                "leave model out"
            )
        return self


class UplinkBudget(Section):
    """What the handset radiates, and how the base stations of 5G receive it."""

    handset_power_dbm: float = Field(ge=-50, le=40)
    body_loss_db: float = Field(ge=0, le=30)
    noise_figure_db: float = Field(ge=0, le=30)
    noise_rise_db: float = Field(ge=0, le=30)
    streams: int = Field(ge=1, le=4)
    overhead: float = Field(ge=0, lt=1)
    highest_efficiency: float = Field(gt=0, le=10)


class MastKind(Section):
    """What a mast of one class and height carries, and how far a new one stands from others."""

    antenna_sets: int = Field(ge=1, le=20)
    spacing_urban_m: float = Field(ge=0)
    spacing_outside_m: float = Field(ge=0)


class MastChoice(Section):
    """The kinds of masts: class, low or high (``geodata.mast_rules.LOW_TO_M``)."""

    a1_low: MastKind
    a1_high: MastKind
    a2a_low: MastKind
    a2a_high: MastKind
    a2b_low: MastKind
    a2b_high: MastKind


Azimuths = Annotated[
    list[Annotated[float, Field(ge=0, lt=360)]], Field(min_length=1, max_length=12)
]


class OwnStation(Section):
    """A station that a planner puts on the map: its name, place, antenna height and directions.

    Height and downtilt that are not given are those of a new mast there, and of the carrier.
    """

    name: str = Field(pattern=r"^[\w-]+$", max_length=40)
    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)
    height_m: Annotated[float, Field(gt=0, le=200)] | None = None
    azimuths_deg: Azimuths = Field(default=[0.0, 120.0, 240.0])
    downtilt_deg: Annotated[float, Field(ge=-20, le=45)] | None = None


class ChangedStation(Section):
    """What a planner changes of a candidate's antenna; what is not given stays."""

    height_m: Annotated[float, Field(gt=0, le=200)] | None = None
    azimuths_deg: Azimuths | None = None
    downtilt_deg: Annotated[float, Field(ge=-20, le=45)] | None = None


class Candidates(Section):
    """Where a station may stand."""

    policy: Literal["one_network", "operators", "shared"]
    colocated: bool
    new: bool
    separation_m: float = Field(gt=0, le=20)
    min_height_m: float = Field(gt=0, le=200)
    lattice_m: float = Field(ge=100)
    spacing_urban_m: float = Field(ge=0)
    spacing_outside_m: float = Field(ge=0)
    sensitive_m: float = Field(ge=0)
    max_slope_deg: float = Field(gt=0, le=90)
    new_height_m: dict[Literal["A1", "A2a", "A2b"], Annotated[float, Field(gt=0, le=200)]]
    masts: MastChoice
    forbid: list[str]
    require: dict[str, Annotated[int, Field(ge=2000, le=2099)]]
    only_masts_of: list[str]
    only: list[str]
    own: list[OwnStation]
    changed: dict[str, ChangedStation]


class Existing5g(Section):
    """The 5G on air when the plan begins, in place of the province's own: a list, or a number.

    Without a date a list counts by the end of the year before the plan. A number, of which nobody
    says where the stations stand, has a date and a source; a list goes before it.
    """

    file: FilePath
    by: str = Field(pattern=r"^(20\d\d-[01]\d-[0-3]\d)?$")
    stations: int = Field(ge=0, le=100_000)
    operators: list[str]
    source: str

    @model_validator(mode="after")
    def _dated(self) -> Self:
        if self.stations and not (self.by and self.source.strip()):
            raise ValueError(message("problem.count_needs_date_and_source"))
        return self


class Backhaul(Section):
    """What joins stations to fibre, and what it costs; prices are those of ``[cost]``."""

    fibre_share: dict[Setting, Annotated[float, Field(ge=0, le=1)]]
    fibre_urban_usd_per_m: float = Field(gt=0)
    fibre_suburban_usd_per_m: float = Field(gt=0)
    fibre_rural_usd_per_m: float = Field(gt=0)
    detour: float = Field(ge=1, le=5)
    upgrade_usd: float = Field(ge=0)
    max_hop_m: float = Field(gt=0, le=50_000)
    frequency_mhz: float = Field(ge=1000, le=100_000)
    min_clearance: float = Field(ge=0, le=3)


class Rollout(Section):
    """What each year may build or must reach; a year named in none of these builds nothing."""

    stations: dict[Year, Annotated[int, Field(ge=0)]]
    budget_million: dict[Year, Annotated[float, Field(ge=0)]]
    target_share: dict[Year, Annotated[float, Field(ge=0, le=1)]]
    min_per_district: dict[Year, Annotated[int, Field(ge=0)]]
    strict_targets: bool
    start: int = Field(ge=0, le=2099)

    @model_validator(mode="after")
    def _some_year(self) -> Self:
        if not self.years:
            raise ValueError("name a year under stations, budget_million or target_share")
        return self

    @property
    def years(self) -> list[int]:
        """Return the years of the plan in order."""
        return sorted(
            {
                int(y)
                for part in (self.stations, self.budget_million, self.target_share)
                for y in part
            }
        )


class Selection(Section):
    """How stations are chosen, and how near the best the choice must be proven to be.

    ``money`` is what budgets, gain per money and ``least_gain`` count of a station: building it,
    or building and running it in present value.
    """

    cells: int = Field(ge=1000, le=2_000_000)
    money: Literal["capex", "present_value"]
    gap: float = Field(gt=0, le=1)
    seconds: float = Field(ge=0, le=3600)


class Uncertainty(Section):
    """How wrong prediction and weights may be, and how often the plan is redrawn."""

    common_db: float = Field(ge=0, le=20)
    site_db: float = Field(ge=0, le=20)
    field_db: float = Field(ge=0, le=20)
    place_db: float = Field(ge=0, le=20)
    correlation_m: float = Field(ge=100, le=20_000)
    target_share: float = Field(ge=0, le=0.5)
    demand_share: float = Field(ge=0, le=2)
    concentration: float = Field(gt=0)
    draws: int = Field(ge=1, le=100_000)


class Scenario(Section):
    """A resolved scenario: every parameter has a value.

    Parameters
    ----------
    scenario
        Name, kind, seed, title and description.
    service
        When a place counts as covered.
    propagation
        Model, calibration and climate.
    layer_5g
        Carrier of 5G: frequency, power, antenna, load.
    layer_4g
        Carrier of 4G, today.
    carriers
        Further carriers of every 5G station, by name.
    uplink
        Link budget of the handset on 5G.
    demand
        What people, workers and visitors count.
    zones
        Whose workers and visitors count.
    tiers
        What is served first, in order.
    quotas
        Zones that must be served by a year.
    existing_5g
        The 5G on air when the plan begins.
    candidates
        Where stations may stand.
    weights
        Of the criteria, given or judged in pairs.
    cost
        What stations and links cost.
    backhaul
        How stations reach fibre.
    rollout
        Years with stations, budgets or targets.
    selection
        How hard the best plan is looked for.
    uncertainty
        How wrong levels may be, and how often they are drawn.
    """

    scenario: ScenarioIdentity
    service: Service
    propagation: Propagation
    layer_5g: Layer
    layer_4g: Layer
    carriers: dict[Annotated[str, Field(pattern=r"^[\w-]+$")], FurtherCarrier]
    uplink: UplinkBudget
    demand: DemandWeights
    zones: ZonePriority
    tiers: list[TierRule]
    quotas: list[QuotaRule]
    existing_5g: Existing5g
    candidates: Candidates
    weights: dict[str, Any]
    cost: CostRates
    backhaul: Backhaul
    rollout: Rollout
    selection: Selection
    uncertainty: Uncertainty
    _origin: Origin = PrivateAttr(default_factory=Origin)
    _country: Country = PrivateAttr(default_factory=open_country)

    def stated_in(self, origin: Origin, country: Country) -> Self:
        """Return the scenario, which now knows where its keys stand, and its country."""
        self._origin, self._country = origin, country
        return self

    @property
    def country(self) -> Country:
        """Return the country whose prices, operators and rules hold."""
        return self._country

    @property
    def origin(self) -> Origin:
        """Return where its keys stand: the file and line of each, or its ``--set``."""
        return self._origin

    @field_validator("tiers")
    @classmethod
    def _in_order(cls, tiers: list[TierRule]) -> list[TierRule]:
        for number, tier in enumerate(tiers, start=1):
            last = number == len(tiers)
            if tier.zones.every and not last:
                raise ValueError(message("problem.tier_must_come_last", number=number))
            if not tier.targets and not tier.zones.every:
                raise ValueError(message("problem.tier_has_no_targets", number=number))
            if not tier.targets and tier.of != "demand":
                raise ValueError(message("problem.tier_needs_targets", number=number, of=tier.of))
        return tiers

    @field_validator("layer_5g", "layer_4g")
    @classmethod
    def _of_a_standard(cls, layer: Layer, info: ValidationInfo) -> Layer:
        return layer.checked("5G" if info.field_name == "layer_5g" else "4G")

    @field_validator("carriers")
    @classmethod
    def _beside_others(
        cls, carriers: dict[str, FurtherCarrier], info: ValidationInfo
    ) -> dict[str, FurtherCarrier]:
        main = info.data.get("layer_5g")
        if main is None:
            return carriers  # which is told of already
        taken = {main.frequency_mhz: "layer_5g"}
        for name, carrier in carriers.items():
            layer = carrier.layer(name, main).checked("5G")
            if layer.frequency_mhz in taken:
                other = taken[layer.frequency_mhz]
                raise ValueError(f"{name} has the frequency of {other}: state another")
            taken[layer.frequency_mhz] = name
        return carriers

    @property
    def baseline_date(self) -> str:
        """Return the day by which existing 5G is on air, such as 2025-12-31."""
        return self.existing_5g.by or f"{self.rollout.years[0] - 1}-12-31"

    @property
    def further_layers(self) -> tuple[Layer, ...]:
        """Return the carriers beside ``layer_5g``, with nothing missing."""
        return tuple(carrier.layer(name, self.layer_5g) for name, carrier in self.carriers.items())
