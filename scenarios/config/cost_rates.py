"""What a scenario says of costs: the published figures, and the rates it may change."""

from functools import cache

from pydantic import BaseModel, ConfigDict, Field

from phusong.geodata import reference

MILLION = 1e6


@cache
def _figures() -> dict[tuple[str, str], float]:
    table = reference.table("costs")
    values = table["value"].to_numpy(float).tolist()
    return dict(zip(zip(table["item"], table["setting"], strict=True), values, strict=True))


def published(item: str, setting: str = "any") -> float:
    """Return a figure of the table, in the unit that the table names.

    >>> published("rent", "rural")
    3000.0
    """
    return _figures()[item, setting]


class CostRates(BaseModel):
    """What a scenario may change: prices in millions of the country's currency, rates a year."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    new_million: float = Field(gt=0)
    further_carrier_share: float = Field(ge=0, le=2)
    currency_per_usd: float = Field(gt=0)
    state_equipment_share: float = Field(ge=0, le=1)
    discount_rate: float = Field(ge=0, le=1)
    horizon_years: int = Field(ge=1, le=50)

    @property
    def price_level(self) -> float:
        """Prices here as a share of the published prices in USD at the exchange rate."""
        return self.new_million * MILLION / (_new_station_usd() * self.currency_per_usd)

    def million(self, usd: float) -> float:
        """Return a published price in millions at the local price level."""
        return usd * self.currency_per_usd * self.price_level / MILLION


def _new_station_usd() -> float:
    return sum(published(part) for part in ("equipment", "site_build", "installation"))
