"""The moment that outputs are dated with."""

import os
from datetime import UTC, datetime

from phusong.errors import Defect, InputError
from phusong.messages import message

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
        problem = message("problem.is_not_a_whole_number_of")
        remedy = message("remedy.set_another_or_unset_it")
        raise InputError(
            message("refusal.wrong_date"), [Defect(VARIABLE, problem, remedy, value=stated)]
        ) from None
