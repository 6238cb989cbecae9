"""How a long computation tells how far it is: a bar for each named step."""

from collections.abc import Callable

Bar = Callable[[int], None]  # is called with the number done
Progress = Callable[[str, int], Bar]  # opens a bar, by the title and the number to do


def silent(_title: str, _total: int) -> Bar:
    """Report no progress."""
    return lambda _done: None
