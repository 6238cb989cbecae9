"""What the map page tries other stations on, as the run wrote it."""

import base64
from typing import Any

from phusong.geodata.files import guard
from phusong.geodata.runs.folder import RunFolder

MOST_BYTES = 4_500_000  # of the page's own limit


def what_if(run: RunFolder) -> dict[str, Any] | None:
    """Return the sample of a run in letters, and the settings of its scenario; None without.

    Parameters
    ----------
    run
        A finished run.
    """
    written = run.record.get("what_if")
    if not written:
        return None
    path = guard.beside(run.path, "what_if.bin")
    if not path.is_file() or path.stat().st_size > MOST_BYTES:
        return None
    data = base64.b64encode(path.read_bytes()).decode("ascii")
    return {"data": data, "settings": run.record.get("settings")}
