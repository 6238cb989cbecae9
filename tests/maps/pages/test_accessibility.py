"""The map page by the rules of axe-core, in both languages: nothing serious stands in the way."""

from importlib.resources import files

import pytest
import ranked_run
from browser import READY, open_page, wait

from phusong.maps.pages import province_map

pytestmark = pytest.mark.browser

RUN = (
    "const done = arguments[arguments.length - 1];"
    "axe.run(document, {resultTypes: ['violations']}).then((found) => done(found.violations"
    ".filter((one) => ['serious', 'critical'].includes(one.impact))"
    ".map((one) => [one.id, ...one.nodes.slice(0, 4).map((n) => n.html.slice(0, 160))])));"
)
STATES = {
    "layers": "",
    "ranking": "phusong.tabs.open(document.getElementById('tab-ranking'), true)",
    "own weights": "phusong.weights.pick('own')",
    "about": "phusong.tabs.open(document.getElementById('tab-about'), true)",
    "station": "phusong.select('candidate', phusong.candidates[0])",
    "zone": "phusong.select('zone', phusong.zones[0])",
    "search": "phusong.search.input.value = 'x'; phusong.search.update()",
}


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    return province_map.write_map(ranked_run.write(tmp_path_factory.mktemp("a") / "run"), "vi")


@pytest.mark.parametrize("language", ["vi", "en"])
def test_nothing_serious_is_found(chromium, page, language):
    axe = files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    open_page(chromium, page)
    if language != "vi":
        chromium.execute_script(f"phusong.languages.choose('{language}')")
        wait(chromium, f"{READY} && document.documentElement.lang === '{language}'")
    # Through the tools of the browser: the page itself runs no script but its own.
    chromium.execute_cdp_cmd("Runtime.evaluate", {"expression": axe})
    chromium.set_script_timeout(60)
    found = {}
    for state, script in STATES.items():
        chromium.execute_script(script)
        found[state] = chromium.execute_async_script(RUN)
    assert {state: rules for state, rules in found.items() if rules} == {}
