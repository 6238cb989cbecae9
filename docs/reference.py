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
# The folders have no list of their own; of the modules that lie in no room, these are public.
MODULES = {
    "coverage": (
        *("antenna", "capacity", "link_budget", "p2108", "p2109", "profile"),
        *("signal_quality", "units"),
    ),
    "geodata": ("crs", "grid", "province"),
    "maps": ("pages/notebook", "pages/province_map", "report/report"),
}


def rooms() -> list[str]:
    """Return phusong and every room or module that calls something public."""
    names = ["phusong", "phusong.results"]
    for folder in FOLDERS:
        root = Path(next(iter(import_module(f"phusong.{folder}").__path__)))
        modules = [root / f"{name}.py" for name in MODULES.get(folder, ())]
        for path in sorted([*root.rglob("__init__.py"), *modules]):
            part = path.parent if path.stem == "__init__" else path.with_suffix("")
            if says_what_is_public(path):
                names.append(".".join(("phusong", folder, *part.relative_to(root).parts)))
    return names


def says_what_is_public(path: Path) -> bool:
    """Return whether a source has a list of public names; scripts are not imported for it."""
    return "__all__ = [" in path.read_text(encoding="utf-8")


def write(folder: Path) -> None:
    """Write the pages of the reference into a folder, anew."""
    folder.mkdir(exist_ok=True)
    for path in folder.glob("*.rst"):
        path.unlink()
    names = rooms()
    seen: set[int] = set()
    for name in names:
        (folder / f"{name}.rst").write_text(page(name, seen), encoding="utf-8")
    (folder / "index.rst").write_text(index(names), encoding="utf-8")


def page(name: str, seen: set[int]) -> str:
    """Return the page of a room: what belongs there, and each public name not seen before."""
    room = import_module(name)
    lines = [name, "=" * len(name), "", f".. currentmodule:: {name}", ""]
    lines += [inspect.getdoc(room).split(">>>")[0].rstrip(), ""]
    for public in room.__all__:
        value = getattr(room, public)
        lines += [] if id(value) in seen else entry(name, public)
        seen.add(id(value))
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
