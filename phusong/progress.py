"""Progress of long work: bars on stderr, or nothing."""

import sys
from collections.abc import Callable

Bar = Callable[[int], None]
Progress = Callable[[str, int], Bar]


def silent(_title: str, _total: int) -> Bar:
    """Report no progress."""
    return lambda _done: None


def bars(title: str, total: int) -> Bar:
    """Open a progress bar on stderr and return what moves it to the number done.

    Parameters
    ----------
    title
        What is worked on.
    total
        How much there is to do; the bar closes when it is reached.

    Returns
    -------
    callable
        Takes the number done so far.
    """
    from tqdm import tqdm  # noqa: PLC0415 - nothing is imported with phusong itself

    bar = tqdm(total=total, desc=title, unit="mast", file=sys.stderr, leave=True)

    def move(done: int) -> None:
        bar.update(done - bar.n)
        if done >= total:
            bar.close()

    return move
