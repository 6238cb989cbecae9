"""Countries as data: a folder each, read into one record.

What is national, and nothing else: outline, coordinate systems, operators and their spectrum,
masts, costs and currency, rules of quality and exposure, dated sets of units, and words. What
belongs to a province lies in its folder. Imports no other room.
"""

from typing import TYPE_CHECKING

from phusong import lazy

__all__: list[str] = []  # commands and files name a country; nothing here is needed to use one

if TYPE_CHECKING:
    from phusong.geodata.countries.country import DEFAULT as DEFAULT
    from phusong.geodata.countries.country import Country as Country
    from phusong.geodata.countries.country import current as current
    from phusong.geodata.countries.country import open_country as open_country
    from phusong.geodata.countries.country import within as within
    from phusong.geodata.countries.home import at_home as at_home
    from phusong.geodata.countries.home import speaking as speaking
else:
    __getattr__, __dir__ = lazy.names(
        __name__,
        country=("DEFAULT", "Country", "current", "open_country", "within"),
        home=("at_home", "speaking"),
    )
