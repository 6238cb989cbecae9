"""Columns as the scripts of the map unpack them."""


def unpacked(column):
    """Return the values of a packed column."""
    if "words" in column:
        return [column["words"][place] for place in column["at"]]
    return [None if value is None else value / column["scale"] for value in column["whole"]]
