"""Write one page of the reference for phusong and for each room, from what each calls public."""

import inspect
from importlib import import_module
from pathlib import Path

import phusong

FOLDERS = {
    "coverage": "Physics on arrays: antennas, propagation models, areas.",
    "geodata": "The province, its network, and files on their way in and out.",
    "scenarios": "Decisions: what is predicted, where stations may stand, which are built.",
    "maps": "Pages and maps of a finished run.",
}


def rooms() -> list[str]:
    """Return phusong and every room that calls something public, in the order of the house."""
    names = ["phusong", "phusong.results"]
    for folder in FOLDERS:
        package = import_module(f"phusong.{folder}")
        inits = sorted(Path(next(iter(package.__path__))).rglob("__init__.py"))
        parts = [path.parent.relative_to(next(iter(package.__path__))).parts for path in inits]
        names += [".".join(("phusong", folder, *part)) for part in parts]
    return [name for name in names if getattr(import_module(name), "__all__", ())]


def write(folder: Path) -> None:
    """Write the pages of the reference into a folder, anew."""
    folder.mkdir(exist_ok=True)
    for path in folder.glob("*.rst"):
        path.unlink()
    names = rooms()
    for name in names:
        (folder / f"{name}.rst").write_text(page(name), encoding="utf-8")
    (folder / "index.rst").write_text(index(names), encoding="utf-8")


def page(name: str) -> str:
    """Return the page of a room: what belongs there, and each public name."""
    room = import_module(name)
    lines = [name, "=" * len(name), "", f".. currentmodule:: {name}", ""]
    lines += [inspect.getdoc(room).split(">>>")[0].rstrip(), ""]
    for public in room.__all__:
        lines += entry(name, public)
    return "\n".join(lines) + "\n"


def entry(room: str, public: str) -> list[str]:
    """Return the directive of a public name, by what it is."""
    value = getattr(import_module(room), public)
    lines = [public, "-" * len(public), ""]
    if inspect.isclass(value):
        return [*lines, f".. autoclass:: {room}.{public}", "   :members:", ""]
    if callable(value):
        return [*lines, f".. autofunction:: {room}.{public}", ""]
    return [*lines, f".. autodata:: {room}.{public}", "   :no-value:", ""]


def index(names: list[str]) -> str:
    """Return the first page of the reference: every room with the first line of what it is."""
    title = "Reference"
    lines = [title, "=" * len(title), "", "What is public, by room. Each name is imported when it"]
    lines += ["is first used.", "", ".. list-table::", "   :widths: 35 65", ""]
    for name in names:
        first = inspect.getdoc(import_module(name)).splitlines()[0]
        lines += [f"   * - :doc:`{name}`", f"     - {first}"]
    lines += ["", ".. toctree::", "   :hidden:", ""]
    return "\n".join([*lines, *(f"   {name}" for name in names)]) + "\n"


assert phusong.__all__  # noqa: S101 - the door itself is documented
