"""The frame of a page as folium writes it, with the libraries that folium-offline carries."""

import re
from typing import cast

from branca.element import Figure, MacroElement
from jinja2 import Template
from offlinefolium import Map
from offlinefolium.elements import _res as _CARRIED  # noqa: N812 - libraries by their address

_SOURCE_MAP = re.compile(r"//# sourceMappingURL=\S*")


class PlainMap(Map):
    """A folium map with Leaflet alone: no tiles, and none of the libraries folium adds."""

    # Plain lists on the class are how folium names the libraries of an element.
    default_js = [link for link in Map.default_js if link[0] == "leaflet"]  # noqa: RUF012
    default_css = [link for link in Map.default_css if link[0] == "leaflet_css"]  # noqa: RUF012


class _Start(MacroElement):
    """The places of the page's own parts, and the call that starts them on the map.

    folium runs every text it is given through its template engine, where a name such as
    ``{{ x }}`` would be executed. Texts therefore go in after folium has written the page.
    """

    _template = Template(
        "{% macro header(this, kwargs) %}<!--phusong:head-->{% endmacro %}"
        "{% macro html(this, kwargs) %}<!--phusong:body-->{% endmacro %}"
        "{% macro script(this, kwargs) %}phusong.start({{ this._parent.get_name() }});"
        "{% endmacro %}"
    )

    def __init__(self, identity: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name, self._id = "Start", identity


def leaflet() -> tuple[str, str]:
    """Return the script and the style sheet of Leaflet as folium-offline carries them."""
    names = [
        dict(links)[name]
        for links, name in ((PlainMap.default_js, "leaflet"), (PlainMap.default_css, "leaflet_css"))
    ]
    script, style = (_CARRIED[name].strip() for name in names)
    return _SOURCE_MAP.sub("", script), style


def frame(identity: str) -> str:
    """Return a page with a map, and marks ``<!--phusong:NAME-->`` for title, head and body."""
    base = PlainMap(
        location=[0.0, 0.0],
        zoom_start=10,
        tiles=None,
        zoom_control=False,
        attribution_control=False,
        zoom_snap=0.1,
        zoom_delta=0.5,
    )
    base.options |= {"minZoom": 7, "maxZoom": 18}  # folium's own arguments limit its tiles only
    base._id = identity  # noqa: SLF001 - folium's random id would make every page differ
    base.add_child(_Start(identity))
    figure = cast("Figure", base.get_root())
    figure.title = "<!--phusong:title-->"
    written: str = figure.render()
    return written
