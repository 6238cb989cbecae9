"""The record of a finished run: what maps, reports, comparisons and exports rely on in it."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from phusong import messages
from phusong.errors import Defect, InputError
from phusong.geodata.files import toml_json
from phusong.geodata.province import Status
from phusong.messages import message

NAME = "run.json"
# Rises with every change of a record's keys or columns that older readers would misread.
SCHEMA_VERSION = 3
_AGAIN = message("remedy.write_the_run_again_with_phusong")
Table = Literal["communes", "districts", "zones", "sites", "ranking", "zones_ranking", "holes"]
Layer = Literal["communes", "districts", "zones", "sites", "terrain", "landcover", "population"]


class _Part(BaseModel):
    """A part of a record: what it must say; it may say more."""

    model_config = ConfigDict(extra="allow", strict=True, allow_inf_nan=False)


def _moment(value: object) -> object:
    if isinstance(value, str):
        datetime.fromisoformat(value)
    return value


def _text(value: object) -> object:
    """Return a text that every language has words for; refuse what cannot be spoken."""
    if not isinstance(value, str | dict):
        raise ValueError("is no text")  # noqa: TRY004 - pydantic takes it for a defect
    if problem := messages.unspeakable(value):
        raise ValueError(problem)
    return value


Text = Annotated[Any, BeforeValidator(_text)]
Moment = Annotated[str, BeforeValidator(_moment)]
Share = Annotated[float, Field(ge=0, le=1.000001)]
Amount = Annotated[float, Field(ge=0, le=1e15)]
Count = Annotated[int, Field(ge=0, le=10**9)]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]  # ISO 4217


class _LayerOrigin(_Part):
    status: Status
    source: Text
    licence: str
    note: Text


class _Scenario(_Part):
    name: str = Field(max_length=100)
    kind: str
    title: Text
    description: Text


class _Province(_Part):
    name: str
    units: str
    crs: str
    population: Amount
    area_km2: Amount


class _Service(_Part):
    layer: str
    frequency_mhz: Amount
    threshold_dbm: float
    location: Literal["indoor", "vehicle", "outdoor"]
    entry_loss_db: float
    margin_db: float
    probability: Share
    required_dbm: float
    outdoor_threshold_dbm: float


class _Headline(_Part):
    stations: Count
    colocated: Count
    new: Count
    cost_million: Amount
    population: Amount
    people_before: Amount
    people_after: Amount
    people_share_before: Share
    people_share_after: Share
    zone_demand_share_after: Share | None
    people_per_station: float | None
    outdoor_people_share_before: Share | None = None
    outdoor_people_share_after: Share | None = None
    area_share_before: Share | None = None
    area_share_after: Share | None = None
    zone_demand_share_before: Share | None = None


class _Check(_Part):
    ok: bool
    explanation: Text


class _Year(_Part):
    year: Count
    stations: Count
    cost_million: Amount
    people_share: Share | None
    zone_demand_share: Share | None


class _Point(_Part):
    stations: Count
    people: Amount
    cost_million: Amount


class _WithVersion(_Part):
    """What any record says of how it was made."""

    schema_version: Count
    phusong: str
    created: Moment
    language: str = messages.DEFAULT
    layers: dict[Layer, _LayerOrigin] = Field(default_factory=dict)
    files: list[str] = Field(default_factory=list)


class _Run(_WithVersion):
    currency: Currency
    layers: dict[Layer, _LayerOrigin]
    seed: Count
    scenario: _Scenario
    province: _Province
    service: _Service
    headline: _Headline
    checks: list[_Check]
    years: list[_Year]
    curve: list[_Point]
    assumptions: list[Text]
    notes: list[Text]
    texts: dict[Table, dict[str, list[Text]]] = Field(default_factory=dict)
    network: list[str] = Field(default_factory=list)
    parameters: dict[str, Any] = Field(default_factory=dict)
    versions: dict[str, str] = Field(default_factory=dict)


def read(path: Path) -> dict[str, Any]:
    """Return the record of a run (run.json) or, by its name, of a prediction.

    Raises
    ------
    InputError
        When an older or newer version of phusong wrote the folder, when the run wrote some of its
        outputs only, or with everything that the record lacks or says wrongly.
    """
    path = Path(path)
    record = toml_json.read_json(path)
    _check_version(path, record)
    _check_whole(path, record)
    try:
        (_Run if path.name == NAME else _WithVersion).model_validate(record)
    except ValidationError as error:
        raise InputError(message("refusal.is_damaged", path=path), _defects(path, error)) from None
    return record


def _check_version(path: Path, record: dict[str, Any]) -> None:
    """Raise when a record keeps another schema than this version of phusong reads."""
    written = record.get("schema_version", 0 if "phusong" in record else SCHEMA_VERSION)
    if not isinstance(written, int) or isinstance(written, bool) or written == SCHEMA_VERSION:
        return
    problem = message(
        "problem.has_schema_version_is_read", written=written, schema_version=SCHEMA_VERSION
    )
    if written < SCHEMA_VERSION:
        title = message("refusal.was_made_by_an_older_version", parent=path.parent)
        again = (
            _AGAIN if path.name == NAME else message("remedy.write_it_again_with_phusong_predict")
        )
        raise InputError(title, [Defect(str(path), problem, again)])
    title = message("refusal.was_made_by_a_newer_version", parent=path.parent)
    raise InputError(
        title, [Defect(str(path), problem, message("remedy.upgrade_phusong_to_read_it"))]
    )


def _check_whole(path: Path, record: dict[str, Any]) -> None:
    """Raise where a run wrote some of its outputs only: others may be of an earlier run."""
    if names := record.get("only"):
        problem = message("problem.holds_parts_of_a_run_only", names=[str(name) for name in names])
        defect = Defect(str(path.parent), problem, message("remedy.run_again_without_only"))
        raise InputError(message("refusal.is_no_whole_run", path=path.parent), [defect])


def _defects(path: Path, error: ValidationError) -> list[Defect]:
    defects = []
    for wrong in error.errors(include_url=False):
        place = ".".join(str(part) for part in wrong["loc"])
        if wrong["type"] == "missing":
            defects.append(Defect(str(path), message("problem.does_not_say", place=place), _AGAIN))
        else:
            problem = wrong["msg"][:1].lower() + wrong["msg"][1:]
            value = str(wrong["input"])[:40]
            defects.append(Defect(str(path), problem, _AGAIN, column=place, value=value))
    return defects
