"""Of which country a province, a plan or a finished run is, and speaking its words meanwhile."""

import inspect
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import wraps
from typing import ParamSpec, TypeVar

from phusong.errors import InputError
from phusong.geodata.countries.country import DEFAULT, Country, open_country, within

GENERIC = "generic"
P = ParamSpec("P")
R = TypeVar("R")


def at_home(thing: object) -> AbstractContextManager[Country]:
    """Return the block in which the words of a thing's country are spoken.

    Parameters
    ----------
    thing
        A province, or what has one (``province``) or a record of a run (``record``). A run of a
        country whose folder is not on this machine speaks neutral words, in its currency.
    """
    record = getattr(thing, "record", None)
    if isinstance(record, dict):
        return within(_known(str(record.get("country", DEFAULT))), str(record.get("currency", "")))
    province = getattr(thing, "province", thing)
    name = str(getattr(province, "country", DEFAULT))
    return within(name, str(getattr(province, "currency", "")))


def _known(name: str) -> str:
    try:
        open_country(name)
    except InputError:
        return GENERIC
    return name


def speaking(argument: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make a function speak the words of the country of one of its arguments, by its name."""

    def decorated(function: Callable[P, R]) -> Callable[P, R]:
        signature = inspect.signature(function)

        @wraps(function)
        def spoken(*args: P.args, **kwargs: P.kwargs) -> R:
            with at_home(signature.bind(*args, **kwargs).arguments[argument]):
                return function(*args, **kwargs)

        return spoken

    return decorated
