"""What a reader must know of measurements, whatever is done with them."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from phusong.errors import Defect, InputError
from phusong.geodata.measured import cells, heard
from phusong.geodata.measured import ground as measured_ground
from phusong.geodata.measured.cells import MeasuredCells
from phusong.geodata.measured.measurements import Measurements
from phusong.geodata.measured.profiles import Ground
from phusong.messages import Message, message

ENDS_SHARE = 0.01  # of the samples at the ends of a handset's report, from which it matters


def of_measured(
    measured: Measurements, listed: MeasuredCells, ground: Ground, left_out: Mapping[str, int]
) -> list[Message]:
    """Return what was read otherwise than written, what is not known, and what is missing."""
    cautions = [message("warning.repaired", defect=repair(each)) for each in listed.repairs]
    unknown = int((~listed.cells[cells.POWER_KNOWN]).sum())
    if unknown and not measured.are_losses:
        cautions.append(message("warning.power", cells=unknown, of=len(listed.cells)))
    if odd := sum(left_out.get(name, 0) for name in heard.ODD):
        share = f"{odd / measured.rows:.1%}"
        cautions.append(message("warning.odd_samples", share=share, mhz=heard.SAME_MHZ))
    ends = left_out.get("saturated", 0) / max(measured.rows, 1)
    if ends > ENDS_SHARE:
        cautions.append(message("warning.saturated", share=f"{ends:.0%}"))
    if ground.provenance["terrain"].source == measured_ground.FLAT:
        cautions.append(message("warning.flat"))
    return cautions


def repair(defect: Defect) -> str:
    """Return a repair with the name of its file alone: records go to other machines."""
    return str(replace(defect, source=Path(defect.source).name))


def too_few(name: str, paths: int, fewest: int, left_out: Mapping[str, int]) -> InputError | None:
    """Return the error of measurements that leave fewer places than needed, with the reasons."""
    if paths >= fewest:
        return None
    problem = message("problem.places_are_left", count=paths, fewest=fewest)
    why = [f"{reason}: {count}" for reason, count in left_out.items() if count]
    remedy = message("remedy.measure_more_places")
    if why:
        remedy = message("remedy.samples_were_left_out", reasons=why)
    return InputError(message("refusal.too_few_measurements"), [Defect(name, problem, remedy)])
