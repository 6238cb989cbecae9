"""What else a commune is called: in the other language, and by its unit in other dated sets."""

from phusong import messages
from phusong.geodata.runs.folder import RunFolder
from phusong.geodata.units import crosswalk, unit_sets
from phusong.maps.texts.text import unit_name

Names = dict[str, list[str]]


def by_commune(run: RunFolder) -> Names:
    """Return, by the code of each commune, the units of other dated sets that it is or was part of.

    A commune of 2020 has the names of its units of 2025, one of July 2025 those of the communes
    that it was formed from, each as both languages write them. Communes of sets that are not
    known have none.
    """
    own = str(run.record["province"].get("units", ""))
    shown = {str(code) for code in run.communes["commune_code"]}
    found: Names = {}
    for date in crosswalk.SETS:
        if own not in crosswalk.SETS or date == own:
            continue
        since, to = sorted((own, date), key=list(crosswalk.SETS).index)
        links = crosswalk.crosswalk(since, to)["commune_code"]
        named = unit_sets.written_names(date)
        pairs = links.items() if since == own else ((new, old) for old, new in links.items())
        for code, other in ((code, other) for code, other in pairs if code in shown):
            name, kind = named.get(str(other), ("", ""))
            both = [unit_name(name, kind, language) for language in messages.SHIPPED]
            names = found.setdefault(str(code), [])
            names += [text for text in both if name and text not in names]
    return found
