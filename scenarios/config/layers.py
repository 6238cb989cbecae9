"""What stations radiate: the carriers of a scenario, and what is taken where they are silent."""

import math
import re
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from phusong import columns as col
from phusong.coverage import link_budget
from phusong.coverage.units import watt_from_dbm
from phusong.errors import InputError
from phusong.geodata.network import antenna_files, carrier_standards, cell_defaults, channels


class Section(BaseModel):
    """A part of a scenario: no key that it does not know, no value of another type."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


def _known_antenna(name: str) -> str:
    """Return the name of an antenna; raise ValueError where it, or its file, is none."""
    if name.lower() in antenna_files.BUILT_IN:
        return name.lower()
    if not name.lower().endswith(antenna_files.SUFFIXES):
        built_in = ", ".join(antenna_files.BUILT_IN)
        raise ValueError(
            f"is not an antenna: use {built_in}, or a file ending in .msi, .pla or .txt"
        )
    try:
        antenna_files.read(Path(name))
    except InputError as error:
        raise ValueError(str(error)) from None
    return name


Antenna = Annotated[str, AfterValidator(_known_antenna)]


class Layer(Section):
    """What a station of one technology and band radiates.

    ``band`` is such as n41 or B3; left empty, it is the one that the frequency lies in.
    ``antenna`` is built in (``antenna_files.BUILT_IN``) or a pattern file; beamwidths are those
    of a plain sector. ``eirp_per_re_dbm`` is of one of the ports.
    """

    name: str
    band: str
    frequency_mhz: float = Field(ge=500, le=100_000)
    bandwidth_mhz: float = Field(gt=0, le=2000)
    subcarrier_khz: float = Field(gt=0, le=960)
    eirp_per_re_dbm: float = Field(ge=-50, le=90)
    ports: int = Field(ge=1, le=32)
    antenna: Antenna
    horizontal_beamwidth_deg: float = Field(gt=0, le=360)
    vertical_beamwidth_deg: float = Field(gt=0, le=180)
    downtilt_deg: float = Field(ge=-20, le=45)
    radius_m: float = Field(ge=100, le=100_000)
    load: float = Field(ge=0, le=1)
    noise_figure_db: float = Field(ge=0, le=30)
    downlink_share: float = Field(gt=0, le=1)
    streams: int = Field(ge=1, le=16)

    @property
    def title(self) -> str:
        """Return the name; megahertz in it that are not those of the layer become its own.

        A scenario that moves NR 2600 to 3,700 MHz plans NR 3700.
        """
        nominal = math.floor(self.frequency_mhz / 100.0 + 0.5) * 100
        return re.sub(r"\b\d{3,6}\b", lambda stated: self._megahertz(stated[0], nominal), self.name)

    def _megahertz(self, stated: str, nominal: int) -> str:
        near = abs(int(stated) - self.frequency_mhz) <= max(100.0, 0.06 * self.frequency_mhz)
        return stated if near else str(nominal)

    @property
    def duplex(self) -> str:
        """Return FDD, TDD or SDL, by the band."""
        return channels.duplex_of(self.frequency_mhz, self.band)

    def checked(self, technology: str) -> Self:
        """Return the layer; raise ValueError where no standard knows such a carrier."""
        named = channels.bands_called(self.band)
        if self.band and not any(
            band.technology == technology and band.holds(self.frequency_mhz) for band in named
        ):
            raise ValueError(
                f"{self.frequency_mhz:g} MHz is no downlink of {technology} in band {self.band}: "
                'correct one of them, or set band = ""'
            )
        carrier = carrier_standards.Carrier(
            *(technology, self.frequency_mhz, self.bandwidth_mhz, self.subcarrier_khz),
            *(self.ports, self.band),
        )
        if wrong := carrier_standards.problems(carrier):
            raise ValueError("; ".join(f"{each.problem}: {each.remedy}" for each in wrong))
        return self


class FurtherCarrier(Section):
    """A carrier that every station of 5G has beside ``layer_5g``.

    What is not stated is as in a list of cells (``cell_defaults.typical``: bandwidth, spacing,
    ports, power, antenna gain), else as in ``layer_5g``.
    """

    frequency_mhz: float = Field(ge=500, le=100_000)
    name: str | None = None
    band: str = ""
    bandwidth_mhz: float | None = Field(default=None, gt=0, le=2000)
    subcarrier_khz: float | None = Field(default=None, gt=0, le=960)
    eirp_per_re_dbm: float | None = Field(default=None, ge=-50, le=90)
    ports: int | None = Field(default=None, ge=1, le=32)
    antenna: Antenna | None = None
    horizontal_beamwidth_deg: float | None = Field(default=None, gt=0, le=360)
    vertical_beamwidth_deg: float | None = Field(default=None, gt=0, le=180)
    downtilt_deg: float | None = Field(default=None, ge=-20, le=45)
    radius_m: float | None = Field(default=None, ge=100, le=30_000)
    load: float | None = Field(default=None, ge=0, le=1)
    noise_figure_db: float | None = Field(default=None, ge=0, le=30)
    downlink_share: float | None = Field(default=None, gt=0, le=1)
    streams: int | None = Field(default=None, ge=1, le=16)

    def layer(self, name: str, main: Layer) -> Layer:
        """Return the carrier with nothing missing; its name is that of its table if not stated."""
        stated = {key: value for key, value in self.model_dump().items() if value is not None}
        usual = cell_defaults.typical("5G", self.frequency_mhz, self.band)
        figures: dict[str, Any] = {
            "name": name,
            "bandwidth_mhz": usual[col.BANDWIDTH_MHZ],
            "subcarrier_khz": usual[col.SUBCARRIER_KHZ],
            "ports": int(usual[col.PORTS]),
            "antenna": "sector",
        } | stated
        count = link_budget.standard_subcarriers(
            figures["bandwidth_mhz"], figures["subcarrier_khz"], new_radio=True
        )
        figures.setdefault(
            "eirp_per_re_dbm",
            link_budget.eirp_per_re_dbm(
                *(float(watt_from_dbm(usual[col.POWER_DBM])), usual[col.ANTENNA_GAIN_DBI], count),
                *(usual[col.FEEDER_LOSS_DB], figures["ports"]),
            ),
        )
        return Layer.model_validate(main.model_dump() | figures)
