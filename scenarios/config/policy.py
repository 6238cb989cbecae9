"""What a scenario says of policy: whose demand counts, which zones come first, and how much."""

from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, PlainSerializer, field_validator, model_validator

from phusong.geodata.province import CENSUS, REGISTER
from phusong.messages import message
from phusong.scenarios.config.layers import Section

Year = Annotated[str, Field(pattern=r"^20\d\d$")]
ZoneStatus = Literal["operating", "building", "planned", "unknown"]
FilePath = Annotated[str, PlainSerializer(lambda path: Path(path).name, return_type=str)]
ZoneKind = Literal["urban", "industrial", "tourism"]


class Text(Section):
    """A text in both languages."""

    en: str = ""
    vi: str = ""


Rate = Annotated[float, Field(ge=-0.2, le=0.2)]
BASIS_YEARS = {CENSUS: 2019, REGISTER: 2025}


class Growth(Section):
    """How residents change a year, as a share: everywhere, or in communes and districts by code.

    ``since`` is the year of which the province's residents are; 0: as their basis says. A number
    is the rate of all.
    """

    per_year: Rate = 0.0
    units: dict[str, Rate] = Field(default_factory=dict)
    since: int = Field(default=0, ge=0, le=2099)

    @model_validator(mode="before")
    @classmethod
    def _of_all(cls, stated: object) -> object:
        return {"per_year": stated} if isinstance(stated, int | float) else stated

    def start(self, basis: str) -> int | None:
        """Return the year of which residents are on a basis, None where nothing tells it."""
        return self.since or BASIS_YEARS.get(basis)

    @property
    def changes(self) -> bool:
        """Return whether residents change at all."""
        return any([self.per_year, *self.units.values()])

    def rate(self, commune: str, district: str) -> float:
        """Return the rate of a commune: its own, its district's, or that of all."""
        return self.units.get(commune, self.units.get(district, self.per_year))


class DemandWeights(Section):
    """How many residents one of each kind counts as: a person, a square kilometre, a road's km.

    ``points`` is for a point of ``points_file`` (schools, hospitals, stations, stops) of weight 1.
    """

    people: float = Field(ge=0)
    workers: float = Field(ge=0)
    visitors: float = Field(ge=0)
    area_km2: float = Field(ge=0)
    road_km: float = Field(ge=0)
    points: float = Field(ge=0)
    points_file: FilePath
    growth: Growth


class ZonePriority(Section):
    """Whose workers and visitors count, and how near a candidate belongs to a zone.

    ``extra`` are files of zones that the province has beside its own.
    """

    statuses: list[ZoneStatus]
    near_m: float = Field(ge=0)
    extra: list[FilePath]


class TierZones(Section):
    """Which zones a tier holds: those that fit all that is said; nothing said: the province.

    ``file`` names a file of zones, which the province then has beside its own.
    ``optional`` lets the tier go where a province has no such zone; else that is an error.
    """

    kind: Literal["", "urban", "industrial", "tourism"] = ""
    unit_types: list[Literal["phuong", "thi_tran"]] = Field(default_factory=list)
    categories: list[str] = Field(default_factory=list)
    statuses: list[ZoneStatus] = Field(default_factory=list)
    ids: list[str] = Field(default_factory=list)
    file: FilePath = ""
    optional: bool = False

    @property
    def every(self) -> bool:
        """Return whether it is all of the province."""
        named = (self.kind, self.unit_types, self.categories, self.statuses, self.ids, self.file)
        return not any(named)

    @property
    def unit_categories(self) -> list[str]:
        """Return the categories of the zones that units of these types are."""
        return [{"phuong": "ward", "thi_tran": "township"}[kind] for kind in self.unit_types]


ServedLevel = Literal["outdoor", "indoor", "indoor_90"]
INDOOR: ServedLevel = "indoor"


class TierRule(Section):
    """What is served before what comes after it: where, what of it, how much by each year.

    ``least_gain`` in residents, or what counts as one, per billion of money: what adds less waits.
    ``level`` says what counts as served: the mean level outdoors, the expected share at the place
    of service, or that the service holds there with the probability asked for.
    """

    title: Text = Text()
    zones: TierZones = TierZones()
    of: Literal["demand", "people", "workers", "visitors", "area", "road_km", "points"] = "demand"
    level: ServedLevel = INDOOR
    targets: dict[Year, Annotated[float, Field(ge=0, le=1)]] = Field(default_factory=dict)
    least_gain: float = Field(default=0.0, ge=0)

    @field_validator("targets")
    @classmethod
    def _rising(cls, targets: dict[str, float]) -> dict[str, float]:
        stated = sorted(targets.items())
        for (year, share), (later, less) in pairwise(stated):
            if less < share:
                raise ValueError(
                    message("problem.target_falls", year=year, share=share, later=later, less=less)
                )
        return targets

    @model_validator(mode="after")
    def _level_of_targets(self) -> Self:
        if self.level != INDOOR and not self.targets:
            raise ValueError(message("problem.level_without_targets", level=self.level))
        return self

    def target(self, year: int) -> float:
        """Return the share to be served by the end of a year: the last stated, or the first."""
        stated = sorted((int(key), share) for key, share in self.targets.items())
        until = [share for key, share in stated if key <= year]
        return until[-1] if until else stated[0][1]


class QuotaRule(Section):
    """A share of each zone of a kind, or category, that must be served by a year."""

    kind: ZoneKind
    category: str = ""
    statuses: list[ZoneStatus]
    target_share: float = Field(gt=0, le=1)
    of: Literal["area", "demand"]
    year: int = Field(ge=2000, le=2099)
    strict: bool
