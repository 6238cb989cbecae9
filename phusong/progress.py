"""How a long computation tells how far it is: a bar for each named step."""

import sys
from collections.abc import Callable

from phusong.languages import chosen_language
from phusong.messages import Text, speak

Bar = Callable[[int], None]  # is called with the number done
Progress = Callable[[Text, int], Bar]  # opens a bar, by the title and the number to do


def silent(_title: Text, _total: int) -> Bar:
    """Report no progress."""
    return lambda _done: None


def bars(title: Text, total: int, unit: str = "mast") -> Bar:
    """Open a progress bar on stderr and return what moves it to the number done.

    Parameters
    ----------
    title
        What is worked on.
    total
        How much there is to do; the bar closes when it is reached.
    unit
        What is counted.

    Returns
    -------
    callable
        Takes the number done so far.
    """
    from tqdm import tqdm  # noqa: PLC0415 - few who know of progress draw bars

    bar = tqdm(
        total=total, desc=speak(title, chosen_language()), unit=unit, file=sys.stderr, leave=True
    )

    def move(done: int) -> None:
        bar.update(done - bar.n)
        if done >= total:
            bar.close()

    return move


def counting_on(bar: Callable[[int], None], done: int) -> Callable[[int], None]:
    """Return a bar that adds to what earlier networks have done."""

    def move(more: int) -> None:
        bar(done + more)

    return move
