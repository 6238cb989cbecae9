"""Names that are imported when they are first asked for (PEP 562), so that a door costs nothing.

A room's ``__init__`` lists what is public in ``__all__``, imports it for type checkers only, and
says here in which of its modules each name lies::

    if TYPE_CHECKING:
        from phusong.geodata.network.cells import CellList, read_cells
    else:
        __getattr__, __dir__ = lazy.names(__name__, cells=("CellList", "read_cells"))
"""

import sys
from collections.abc import Callable, Iterable
from importlib import import_module
from types import ModuleType
from typing import Any


def names(
    package: str, **modules: Iterable[str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return ``__getattr__`` and ``__dir__`` of a package.

    Parameters
    ----------
    package
        Its full name. Its modules and packages are attributes too.
    modules
        The public names by the module of the package that holds them.

    Returns
    -------
    tuple
        What answers for names that are not there yet, and what lists the public ones.

    Examples
    --------
    >>> get, listed = names("phusong", errors=["InputError"])
    >>> get("InputError").__name__, listed()
    ('InputError', ['InputError'])
    """
    module_of = {name: module for module, held in modules.items() for name in held}

    def get(name: str) -> Any:  # noqa: ANN401 - whatever is public
        if name.startswith("_"):
            raise _unknown(package, name)
        if name in module_of:
            value = getattr(import_module(f"{package}.{module_of[name]}"), name)
        else:
            value = _module(package, name)
        setattr(sys.modules[package], name, value)
        return value

    return get, lambda: sorted(module_of)


def _module(package: str, name: str) -> ModuleType:
    """Return a module of a package; a package that says nothing answers for its own modules."""
    full = f"{package}.{name}"
    try:
        module = import_module(full)
    except ModuleNotFoundError as error:
        if error.name == full:
            raise _unknown(package, name) from None
        raise
    if hasattr(module, "__path__") and "__getattr__" not in vars(module):
        module.__getattr__, _ = names(full)  # type: ignore[method-assign]
    return module


def open_folders(package: str, *folders: str) -> None:
    """Let folders that have no ``__init__`` of their own answer for their modules."""
    for folder in folders:
        _module(package, folder)


def _unknown(package: str, name: str) -> AttributeError:
    return AttributeError(f"module {package!r} has no attribute {name!r}", name=name)
