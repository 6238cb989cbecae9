"""Stations of a draft, held against the demand of a run."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from phusong.messages import Message

if TYPE_CHECKING:
    import pandas as pd
    from geopandas import GeoDataFrame

    from phusong.geodata.grid import Raster
    from phusong.scenarios.evaluation.bench import Bench
    from phusong.scenarios.evaluation.draft import Draft
    from phusong.scenarios.evaluation.evaluation import Evaluation

# Every method imports what it needs: a result is cheap until it is looked at.
# ruff: noqa: PLC0415


@dataclass(frozen=True)
class EvaluationResult:
    """What the stations of a draft serve and cost, as a run that builds them would say.

    Parameters
    ----------
    bench
        What they were tried on; give it to ``phusong.evaluate`` to try others at once.
    draft
        The stations.
    stations
        With place, antenna, cost and year.
    evaluation
        Figures by year, commune and zone.
    warnings
        Stations in water, or nearer to a mast than rules allow.
    """

    bench: "Bench"
    draft: "Draft"
    stations: "GeoDataFrame"
    evaluation: "Evaluation"
    warnings: list[Message]

    @property
    def years(self) -> "pd.DataFrame":
        """Stations, cost and shares served by the end of each year."""
        import pandas as pd

        return pd.DataFrame(self.evaluation.years)

    @property
    def communes(self) -> "pd.Series[float]":
        """Share of the residents of each commune served after all stations, by code."""
        import pandas as pd

        return pd.Series(self.evaluation.communes, name="people_share")

    @property
    def zones(self) -> "pd.Series[float]":
        """Share of what counts in each zone served after all stations, by id."""
        import pandas as pd

        return pd.Series(self.evaluation.zones, name="share")

    @property
    def served(self) -> "Raster":
        """Probability of service after all stations."""
        from phusong.geodata.grid import Raster

        return Raster(self.evaluation.share, self.bench.study.province.grid)

    def override(self) -> str:
        """Return the scenario override, as TOML, with which ``phusong run`` builds the stations.

        Returns
        -------
        str
            A scenario file that extends that of the run.
        """
        from phusong.scenarios.evaluation import override_file

        return override_file.text(self.bench.study.scenario, self.draft)

    def as_dict(self) -> dict[str, Any]:
        """Return years, communes and zones, as JSON holds them.

        Returns
        -------
        dict
            ``years``, ``communes``, ``zones``.
        """
        return self.evaluation.as_dict()
