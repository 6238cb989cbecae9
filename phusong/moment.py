"""The moment that outputs are dated with."""

import os
from datetime import UTC, datetime

from phusong.errors import Defect, InputError

VARIABLE = "SOURCE_DATE_EPOCH"


def moment() -> datetime:
    """Return the present moment, or the one that SOURCE_DATE_EPOCH states, in UTC.

    Raises
    ------
    InputError
        When the variable holds something else than seconds since 1970.

    References
    ----------
    reproducible-builds.org, SOURCE_DATE_EPOCH specification, version 1.1.
    """
    stated = os.environ.get(VARIABLE, "").strip()
    if not stated:
        return datetime.now(UTC)
    try:
        return datetime.fromtimestamp(int(stated), UTC)
    except (ValueError, OverflowError, OSError):
        problem = "is not a whole number of seconds since 1970"
        remedy = "set another, or unset it"
        raise InputError("wrong date", [Defect(VARIABLE, problem, remedy, value=stated)]) from None
