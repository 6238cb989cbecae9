"""The content security policy of a page: its own scripts run, nothing else does."""

import base64
import hashlib
import re

import browser
import maps_run
import pytest

from phusong.maps.frame import policy
from phusong.maps.pages import province_map
from phusong.maps.report import report

SECOND = "let b = 'ữ'"
HEAD = '<html><head><meta charset="utf-8">{head}</head><body>{body}</body></html>'


def rules(text):
    (stated,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    return dict(part.strip().split(" ", 1) for part in stated.split(";"))


def digest(script):
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def test_every_script_is_named_by_its_digest_and_data_is_none():
    made = policy.guarded(
        HEAD.format(
            head="<script>let a = 1;</script>",
            body='<script type="application/json">{"x": 1}</script><script>let a = 1;</script>'
            f"<script>{SECOND}</script>",
        )
    )
    assert rules(made)["script-src"] == f"{digest('let a = 1;')} {digest(SECOND)}"
    assert rules(made)["default-src"] == "'none'"
    assert made.index("charset") < made.index("Content-Security-Policy") < made.index("<script")


def test_a_page_without_scripts_runs_none():
    assert rules(policy.guarded(HEAD.format(head="", body="")))["script-src"] == "'none'"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return maps_run.write_whole(tmp_path_factory.mktemp("policy") / "run")


@pytest.mark.parametrize("write", [province_map.write_map, report.write_report])
def test_every_page_states_a_policy_and_its_letters_first(run, write):
    text = write(run, "vi").read_text("utf-8")
    stated = rules(text)
    assert stated["default-src"] == stated["base-uri"] == stated["form-action"] == "'none'"
    assert "unsafe" not in stated["script-src"]
    assert "https:" not in stated["script-src"]
    assert "connect-src" not in stated  # the default: nothing
    assert text.lower().index("charset=") < 1024  # where browsers look for it
    scripts = re.findall(r"<script[^>]*>", text)
    assert not [tag for tag in scripts if "src=" in tag]


@pytest.mark.browser
def test_a_foreign_script_does_not_run_and_the_page_still_works(chromium, run):
    path = province_map.write_map(run, "en")
    text = path.read_text("utf-8")
    evil = "<script>document.title = 'owned'</script><img src=x onerror=\"document.title='owned'\">"
    at = text.rindex("</body>")
    (run / "evil.html").write_text(text[:at] + evil + text[at:], "utf-8")
    browser.open_page(chromium, run / "evil.html")
    assert chromium.title != "owned"
    said = [entry["message"] for entry in chromium.get_log("browser")]
    assert len([line for line in said if "Content Security Policy" in line]) >= 2
