"""The studio over HTTP: what it says is what a run says, and it refuses what it must."""

import itertools
import json
import threading
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

import phusong as ps
from phusong import columns as col
from phusong.errors import InputError
from phusong.geodata import crs
from phusong.studio.server import StudioServer

SETTINGS = (
    "candidates.lattice_m=600",
    "uncertainty.draws=2",
    "selection.seconds=1.0",
    "tiers.1.targets={ 2024 = 0.2, 2025 = 0.5 }",
    "rollout.stations={ 2024 = 2, 2025 = 3 }",
)
TOKEN = "a-token-of-the-tests"  # noqa: S105 - opens nothing
CLIENT = "browser-of-the-tests"


@pytest.fixture(scope="module")
def run(mini_province, tmp_path_factory):
    planned = ps.plan(mini_province, ps.load_scenario("urban", SETTINGS), language="en")
    return planned.write(tmp_path_factory.mktemp("studio") / "urban")


@pytest.fixture(scope="module")
def server(run, mini_province, tmp_path_factory):
    drafts = tmp_path_factory.mktemp("drafts")
    server = StudioServer(run, mini_province, token=TOKEN, drafts=drafts)
    thread = threading.Thread(target=server.run_forever, daemon=True)
    thread.start()
    yield server
    server.stop()
    thread.join(10)


class Asked:
    """Requests of one browser."""

    def __init__(self, server, client=CLIENT, token=TOKEN):
        self.base = f"{server.address}api/v1/"
        self.headers = {"X-Phusong-Client": client, "Authorization": f"Bearer {token}"}

    def __call__(self, method, path, body=None, **headers):
        """Return the answer to a request."""
        return requests.request(
            method,
            self.base + path,
            json=body,
            headers=self.headers | headers,
            timeout=60,
        )

    def get(self, path):
        """Return what an address says."""
        return self("GET", path).json()

    def post(self, path, body):
        """Return what is said to a body."""
        return self("POST", path, body).json()


@pytest.fixture(scope="module")
def ask(server):
    return Asked(server)


@pytest.fixture(scope="module")
def plan(ask):
    return ask.get("state")


def test_the_plan_is_that_of_the_run(run, plan):
    record = json.loads((run / "run.json").read_text("utf-8"))
    for mine, its in zip(plan["figures"]["years"], record["years"], strict=True):
        assert mine["stations"] == its["stations"]
        assert mine["people_share"] == pytest.approx(its["people_share"], abs=2e-6)
    assert len(plan["stations"]) == record["headline"]["stations"]


def test_candidates_lie_in_the_province(ask, mini_province):
    columns = ask.get("candidates?lang=en")
    west, south, east, north = mini_province.communes.to_crs(crs.GEOGRAPHIC).total_bounds
    assert len(set(map(len, columns.values()))) == 1
    assert all(west <= lon <= east for lon in columns["lon"])
    assert all(south <= lat <= north for lat in columns["lat"])


def test_what_it_says_of_a_list_is_what_python_says(ask, plan, run, mini_province):
    fewer = plan["stations"][:-1]
    over_http = ask.post("evaluate", {"stations": fewer})
    here = ps.evaluate(run, fewer, province=mini_province)
    assert over_http["years"] == here.as_dict()["years"]
    assert over_http["communes"] == here.as_dict()["communes"]
    assert over_http["picture"]["url"].startswith("data:image/png")
    assert min(over_http["changed_communes"].values()) < 0.0


def test_a_station_adds_what_the_plan_with_it_serves_more(ask, plan):
    own = {"name": "mine", **middle(ask)}
    alone = ask.post("station", {"station": own, "stations": plan["stations"]})
    both = ask.post("evaluate", {"stations": [*plan["stations"], own]})
    more = both["years"][-1]["people"] - plan["figures"]["years"][-1]["people"]
    assert alone["people_gained"] == pytest.approx(more, abs=0.2)
    assert alone["station"]["site_id"] == "5G-mine"


def middle(ask):
    columns = ask.get("candidates")
    return {"lon": sum(columns["lon"]) / len(columns["lon"]),
            "lat": sum(columns["lat"]) / len(columns["lat"])}  # fmt: skip


def done(ask, body):
    name = ask.post("finish", body)["job"]
    for _ in itertools.repeat(None, 300):
        state = ask.get(f"jobs/{name}")
        if state["state"] in {"done", "failed"}:
            return state
        time.sleep(0.1)
    raise AssertionError("never done")


def test_a_plan_is_finished_around_what_stands(ask, plan):
    own = {"name": "mine", "year": 2025, **middle(ask)}
    out = plan["stations"][0]["site_id"]
    result = done(ask, {"stations": [own], "forbid": [out], "proof_seconds": 2.0})["result"]
    names = [each.get("site_id") or f"5G-{each['name']}" for each in result["stations"]]
    assert "5G-mine" in names
    assert out not in names
    assert len(names) == 5
    assert 0.0 <= result["gap"] < 0.3


def test_other_means_are_checked_like_those_of_a_file(ask):
    wrong = done(ask, {"settings": {"rollout.budget": 3}})
    assert wrong["state"] == "failed"
    assert "rollout.budget" in wrong["error"]
    few = done(ask, {"settings": {"rollout.stations": {"2024": 1, "2025": 0}}})["result"]
    assert len(few["stations"]) == 1


def test_the_override_is_a_scenario(ask, plan, tmp_path, mini_province):
    own = {"name": "mine", "year": 2025, "height_m": 33, **middle(ask)}
    answer = ask("POST", "override", {"stations": [*plan["stations"][:2], own]})
    assert tomllib.loads(answer.text)["extends"] == "urban"
    path = tmp_path / "mine.toml"
    path.write_text(answer.text, "utf-8")
    planned = ps.plan(mini_province, ps.load_scenario(path))
    said = ask.post("evaluate", {"stations": [*plan["stations"][:2], own]})
    assert sorted(planned.ranking[col.SITE_ID]) == sorted(said["stations"]["site_id"])
    for mine, its in zip(said["years"], planned.years.to_dict("records"), strict=True):
        assert mine["people_share"] == pytest.approx(its["people_share"], abs=2e-6)
        assert mine["cost_million"] == its["cost_million"]


def test_browsers_do_not_mix_their_drafts_and_drafts_survive(ask, server, plan):
    other = Asked(server, client="another-browser")
    body = {"stations": plan["stations"][:1]}
    assert ask("PUT", "drafts/Bản nháp 1", body).status_code == 204
    assert ask.get("drafts")["Bản nháp 1"]["stations"] == body["stations"]
    assert other.get("drafts") == {}
    assert ask("DELETE", "drafts/Bản nháp 1").status_code == 204
    assert ask("DELETE", "drafts/Bản nháp 1").status_code == 404
    assert ask.get("drafts") == {}


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status", "error"),
    [
        ("POST", "evaluate", {}, {"Authorization": ""}, 403, "token"),
        ("POST", "evaluate", {}, {"Authorization": "Bearer wrong"}, 403, "token"),
        ("PUT", "drafts/a", {"stations": []}, {"Authorization": ""}, 403, "token"),
        ("GET", "state", None, {"Host": "evil.example"}, 403, "host"),
        ("GET", "state", None, {"Origin": "https://evil.example"}, 403, "origin"),
        ("POST", "evaluate", {"stations": 3}, {}, 400, "body"),
        ("POST", "evaluate", ["x"], {}, 400, "body"),
        ("POST", "station", {}, {}, 400, "body"),
        ("POST", "finish", {"proof_seconds": 1e9}, {}, 400, "body"),
        ("POST", "finish", {"forbid": [1]}, {}, 400, "body"),
        ("PUT", "drafts/..%2F..%2Fx", {"stations": []}, {}, 404, None),
        ("PUT", "drafts/a", {"stations": []}, {"X-Phusong-Client": "../../etc"}, 400, "body"),
        ("GET", "jobs/none", None, {}, 404, "unknown"),
        ("GET", "nothing", None, {}, 404, None),
    ],
)
def test_what_is_refused(ask, method, path, body, headers, status, error):
    answer = ask(method, path, body, **headers)
    assert answer.status_code == status
    if error:
        assert answer.json()["error"] == error


def test_a_body_beyond_the_limit_is_refused(ask):
    many = {"stations": [{"site_id": "x" * 1000}] * 3000}
    assert ask("POST", "evaluate", many).status_code == 413


def test_defects_are_told_with_row_and_column(ask):
    wrong = [{"site_id": "5G-NONE"}, {"name": "far", "lon": 100.0, "lat": 10.0, "height_m": 999}]
    answer = ask("POST", "evaluate?lang=en", {"stations": wrong})
    assert answer.status_code == 422
    (defect,) = answer.json()["defects"]
    assert (defect["row"], defect["column"]) == (2, "height_m")
    vi = ask("POST", "evaluate?lang=vi", {"stations": wrong[:1]}).json()
    assert vi["error"] == "không thể thử các trạm này"


def test_pages_and_files_of_the_run_alone_are_handed_out(server, run):
    page = requests.get(server.address, timeout=60)
    assert "connect-src 'self'" in page.text
    assert page.headers["X-Frame-Options"] == "DENY"
    assert TOKEN not in page.text
    assert requests.get(f"{server.address}ranking.geojson", timeout=60).status_code == 200
    (run / "secret.txt").write_text("nobody's business", "utf-8")
    for name in ("secret.txt", "..%2Fsecret.txt", "run.json%00", "%2e%2e/urban/run.json"):
        assert requests.get(server.address + name, timeout=60).status_code == 404


def test_twenty_requests_at_once_are_all_answered(ask, plan):
    bodies = [{"stations": plan["stations"][: n % 5 + 1]} for n in range(20)]
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda body: ask("POST", "evaluate", body), bodies))
    assert [answer.status_code for answer in answers] == [200] * 20
    shares = [answer.json()["years"][-1]["people_share"] for answer in answers]
    assert shares[:5] == shares[5:10]


def test_the_api_describes_itself(ask):
    said = ask.get("openapi.json?lang=en")
    assert said["openapi"].startswith("3.1")
    assert set(said["paths"]) >= {"/state", "/evaluate", "/station", "/finish", "/jobs/{name}"}
    for path, methods in said["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], path
            assert ("security" in operation) == (method != "get")


def test_beyond_loopback_needs_a_token_and_says_what_it_exposes(run, mini_province):
    with pytest.raises(InputError, match="lets other computers in"):
        StudioServer(run, mini_province, host="0.0.0.0")  # noqa: S104 - refused


def test_a_port_in_use_is_an_error_with_a_remedy(run, mini_province, server, tmp_path):
    with pytest.raises(InputError, match="choose another"):
        StudioServer(run, mini_province, port=server.port, drafts=tmp_path)


def test_another_province_is_refused(run, reference_province, tmp_path):
    other = StudioServer(run, reference_province, drafts=tmp_path)
    with pytest.raises(InputError, match="not the province of the run"):
        other.run.state()
    other.socket.close()
