"""A full disk, a killed process, a read-only folder: earlier outputs stay, nothing is left."""

import errno
import gc
import json
import os
import resource
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import maps_run
import mini_province as mini
import numpy as np
import pandas as pd
import pytest
import rasterio
from compared_runs import write_a, write_b
from rasterio.transform import from_origin

from phusong.commands import cli
from phusong.errors import InputError
from phusong.geodata.fetch import download, window
from phusong.geodata.fetch.area import Box
from phusong.geodata.fetch.web import Address, Patience
from phusong.geodata.files import raster, whole
from phusong.geodata.grid import Grid, Raster
from phusong.geodata.writers import formats, lineage, vector, xlsx
from phusong.scenarios.prediction import cache

SITES = pd.concat([mini.mini_sites()] * 20, ignore_index=True)
SAID = lineage.publication_of({**maps_run.record(), "language": "vi"})
NOISE = np.random.default_rng(1).normal(size=(200, 220)).astype(np.float32)
LEVELS = Raster(NOISE, Grid(558_000.0, 2_359_500.0, 220, 200, crs="EPSG:5897"))


def exported(suffix):
    return lambda folder: formats.write(
        folder / f"a{suffix}", {"sites": SITES}, SAID, replace=True, warn=str
    )


def cut(folder):
    source, box = folder / "source.tif", Box(105.01, 21.75, 105.2, 21.95)
    if not source.exists():
        with rasterio.open(
            source,
            "w",
            driver="GTiff",
            height=300,
            width=300,
            count=1,
            dtype="float32",
            crs="EPSG:4326",
            transform=from_origin(105, 22, 1 / 1200, 1 / 1200),
        ) as target:
            target.write(np.resize(NOISE, (300, 300)), 1)
    window.cut([source], box, folder / "a.tif", Patience())


WRITERS = {
    "a.tif": lambda folder: raster.write_cog(folder / "a.tif", LEVELS, description="x"),
    "a.geojson": lambda folder: vector.write_geojson(folder / "a.geojson", SITES),
    "a.csv": lambda folder: vector.write_csv(folder / "a.csv", SITES),
    "a.xlsx": lambda folder: xlsx.write(
        folder / "a.xlsx", {"sites": SITES.drop(columns="geometry")}, SAID
    ),
    "a.gpkg": exported(".gpkg"),
    "a.fgb": exported(".fgb"),
    "a.parquet": exported(".parquet"),
    "a.dbf": exported(".shp"),
    "cut a.tif": cut,
}


@contextmanager
def room_for(size):
    """Let no file grow beyond a size: writing fails as it does on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def tree(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # of GDAL, over names it shortens
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # of openpyxl
@pytest.mark.parametrize("share", [0.01, 0.5, 0.97, 0.9999])
@pytest.mark.parametrize("name", WRITERS)
def test_a_full_disk_cuts_no_file(tmp_path, name, share):
    """GDAL alone leaves short files and says nothing, when the last bytes do not fit."""
    WRITERS[name](tmp_path)
    before = tree(tmp_path)
    size = int((tmp_path / name.split()[-1]).stat().st_size * share)
    with room_for(size), pytest.raises(InputError, match=r"cannot write a\.\w+: 1 defect\n.*room"):
        WRITERS[name](tmp_path)
    assert tree(tmp_path) == before
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]
    gc.collect()  # what openpyxl leaves half-written complains here, not in another test


# Commands


def build(province, out):
    files = ("--communes", province / "communes.geojson", "--terrain", province / "terrain.tif")
    return ["data", "build", *files, "--out", out]


def commands(folder, province):
    """Return commands that write, and the folders they write into."""
    out = folder / "out"
    return {
        "build": build(province, out / "province"),
        "compare": ["compare", folder / "a", folder / "b", "--out", out / "compare"],
        "map": ["map", out / "run"],
        "report": ["report", out / "run"],
        "gpkg": ["export", folder / "a", "--to", out / "a.gpkg", "--replace"],
        "shp": ["export", folder / "a", "--to", out / "a.shp", "--replace", "--layers", "sites"],
        "template": ["data", "template", "sites", "--out", out / "bts.xlsx"],
    }


@pytest.fixture
def made(tmp_path, mini_folder):
    """Return the folder in which every command has been run once, and the commands."""
    write_a(tmp_path / "a")
    write_b(tmp_path / "b")
    (tmp_path / "out").mkdir()
    write_a(tmp_path / "out" / "run")
    told = commands(tmp_path, mini_folder)
    return tmp_path, told


def ran(command):
    return cli.main([str(part) for part in command])


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", list(commands(Path(), Path())))
def test_a_command_on_a_full_disk_says_so_once(made, name, monkeypatch, capsys):
    folder, told = made
    if name != "template":  # which replaces nothing
        assert ran(told[name]) == cli.DONE
    before = tree(folder)
    capsys.readouterr()

    def full(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    if name == "shp":  # whose parts are checked by their size
        monkeypatch.setattr(formats, "_check_shapefile", full)
    assert ran(told[name]) == cli.WRONG_INPUT
    said = capsys.readouterr()
    assert said.err.count("No space left on device") == 1
    assert "Traceback" not in said.err
    assert tree(folder) == before
    hidden = [path for path in folder.rglob(".*") if path.name != whole.MARK]
    assert not hidden


def test_a_run_on_a_full_disk_says_so_once(mini_folder, tmp_path, monkeypatch, capsys):
    out = tmp_path / "out"
    out.mkdir()
    (out / "run.json").write_text('{"files": ["ranking.csv"]}')
    (out / "ranking.csv").write_text("earlier")
    before, real = tree(tmp_path), os.fsync
    written = []

    def full(file):
        written.append(file)
        if len(written) > 20:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(file)

    monkeypatch.setattr(os, "fsync", full)
    settings = ["rollout.stations={ 2024 = 2 }", "candidates.lattice_m=290"]
    more = [part for setting in settings for part in ("--set", setting)]
    command = ["run", "urban", "--province", mini_folder, "--out", out, *more]
    assert ran(command) == cli.WRONG_INPUT
    assert capsys.readouterr().err.count("No space left on device") == 1
    assert tree(tmp_path) == before
    assert not list(tmp_path.glob(".*"))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_results_that_nobody_takes_are_a_failure():
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "phusong", "models"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == cli.FAILED
    assert done.stderr == "phusong: [Errno 28] No space left on device\n"


# A process that ends in the middle

STOPPED = """
import os, signal, sys
from pathlib import Path
from phusong.commands import cli
from phusong.geodata.files import whole as outputs
name, when, number, *command = sys.argv[1:]
calls = []
def stop():
    calls.append(1)
    if len(calls) == int(number):
        os.kill(os.getpid(), getattr(signal, name))
if when == "writing":
    real = os.fsync
    os.fsync = lambda file: (stop(), real(file))
else:
    replace = Path.replace
    def counted(path, target):
        if Path(target).parent.name == "province":
            stop()
        return replace(path, target)
    Path.replace = counted
sys.exit(cli.main(command))
"""


def stopped(how, when, number, command):
    """Run a command in a process of its own that gets a signal in the middle."""
    order = [sys.executable, "-c", STOPPED, how, when, str(number), *map(str, command)]
    return subprocess.run(
        order,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env={**os.environ, "PHUSONG_LANG": "en"},
        preexec_fn=heard,
    )


def heard():
    """Hear signals that a shell in the background has its commands ignore."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


@pytest.fixture
def province(mini_folder, tmp_path):
    """Return a province folder as an earlier build has left it, and the command that builds it."""
    command = build(mini_folder, tmp_path / "province")
    assert ran(command) == cli.DONE
    (tmp_path / "province" / "notes.txt").write_text("mine")
    return tmp_path / "province", command


def test_a_killed_build_leaves_the_earlier_province(province, capsys):
    folder, command = province
    before = tree(folder)
    done = stopped("SIGKILL", "writing", 4, [*command, "--name", "Other"])
    assert done.returncode == -signal.SIGKILL
    assert tree(folder) == before
    left = [path for path in folder.parent.iterdir() if path != folder]
    assert len(left) == 1
    assert left[0].name.startswith(".province-")
    capsys.readouterr()
    assert ran(["data", "check", folder.parent]) in {cli.DONE, cli.WRONG_INPUT}
    assert left[0].name not in capsys.readouterr().out  # nothing reads what is left
    assert ran([*command, "--name", "Other"]) == cli.DONE
    assert [path.name for path in folder.parent.iterdir()] == ["province"]  # swept up
    assert 'name = "Other"' in (folder / "province.toml").read_text("utf-8")
    assert (folder / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("how", ["SIGTERM", "SIGINT", "SIGHUP"])
def test_an_interrupted_build_leaves_nothing_behind(province, how):
    folder, command = province
    before = tree(folder.parent)
    done = stopped(how, "writing", 4, [*command, "--name", "Other"])
    assert done.returncode == cli.INTERRUPTED
    assert done.stderr.endswith("phusong: interrupted; nothing was written\n")
    assert "Traceback" not in done.stderr
    assert tree(folder.parent) == before
    assert [path.name for path in folder.parent.iterdir()] == ["province"]


def test_a_build_killed_while_files_change_places_is_told_and_repaired(province, capsys):
    folder, command = province
    done = stopped("SIGKILL", "swapping", 3, [*command, "--name", "Other"])
    assert done.returncode == -signal.SIGKILL
    assert (folder / whole.MARK).is_file()
    assert ran(["data", "info", "--province", folder]) == cli.WRONG_INPUT
    assert "holds files of two runs" in capsys.readouterr().err
    assert ran([*command, "--name", "Other"]) == cli.DONE
    assert not (folder / whole.MARK).exists()
    assert ran(["data", "info", "--province", folder]) == cli.DONE
    assert (folder / "notes.txt").read_text() == "mine"


def test_a_killed_export_leaves_the_earlier_file(tmp_path):
    write_a(tmp_path / "a")
    out = tmp_path / "out"
    out.mkdir()
    (out / "a.gpkg").write_bytes(b"earlier")
    command = ["export", tmp_path / "a", "--to", out / "a.gpkg", "--replace"]
    assert stopped("SIGKILL", "writing", 1, command).returncode == -signal.SIGKILL
    assert (out / "a.gpkg").read_bytes() == b"earlier"
    assert all(path.name.startswith(".a-") for path in out.iterdir() if path.name != "a.gpkg")
    assert ran(command) == cli.DONE
    assert [path.name for path in out.iterdir()] == ["a.gpkg"]


def test_only_what_a_dead_process_of_this_computer_made_is_swept_up(tmp_path):
    code = "import os; print(os.getpid())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    gone = int(done.stdout)
    swept = f".a-{whole.HOST}-{gone}-0123abcd"
    stays = [
        f".a-{whole.HOST}-{os.getpid()}-0123abcd",  # of a process that lives
        f".a-elsewhere-{gone}-0123abcd",
        f"a-{whole.HOST}-{gone}-0123abcd",
        f".a-{whole.HOST}-{gone}",
        ".a-notes",
    ]
    for name in [swept, *stays]:
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text("x")
    (tmp_path / f"{swept}.tif").write_text("half")
    with whole.folder_beside(tmp_path / "out"):
        pass
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(stays)


# Folders


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_only_be_read_is_refused(made, capsys):
    folder, told = made
    (folder / "out").chmod(0o500)
    for name in ("build", "compare", "gpkg", "template"):
        assert ran(told[name]) == cli.WRONG_INPUT
        assert "Permission denied" in capsys.readouterr().err
    (folder / "out").chmod(0o700)


def test_a_file_that_cannot_take_its_place_leaves_a_mark(tmp_path):
    out = tmp_path / "out"
    (out / "b.txt").mkdir(parents=True)  # a folder stands where a file must go
    (out / "run.json").write_text("{}")

    def replace():
        with whole.replaced(out, "run.json", []) as folder:
            for name in ("a.txt", "b.txt", "run.json"):
                (folder / name).write_text("new")

    with pytest.raises(InputError, match="cannot write out"):
        replace()
    with pytest.raises(InputError, match="holds files of two runs"):
        whole.check_whole(out)
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("name", ["", ".", "..", "../other", "sub"])
def test_a_record_removes_no_folder_and_nothing_elsewhere(tmp_path, name):
    out = tmp_path / "out"
    (out / "sub").mkdir(parents=True)
    (tmp_path / "other").write_text("stays")
    from phusong.scenarios.results import result  # noqa: PLC0415

    (out / "run.json").write_text(f'{{"files": ["{name}", 5, null]}}')
    with result.replacing(out) as folder:
        (folder / "run.json").write_text("{}")
    assert (out / "sub").is_dir()
    assert (tmp_path / "other").is_file()


# Caches


@pytest.fixture
def predictions(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "FOLDER", tmp_path / "predictions")
    monkeypatch.setattr(cache, "WINDOWS", tmp_path / "windows")
    return tmp_path


def broken_forms(whole):
    yield from (whole[:size] for size in (0, 1, 10, len(whole) // 2, len(whole) - 1))
    yield bytes(len(whole))
    yield whole.replace(b"(", b"(9" * 3, 1)
    yield b"\x93NUMPY\x01\x00\x76\x00" + b"{" * 118
    chance = np.random.default_rng(1)
    for _ in range(60):
        changed = bytearray(whole)
        changed[int(chance.integers(min(len(whole), 400)))] ^= int(chance.integers(1, 256))
        yield bytes(changed)


def test_a_broken_prediction_in_the_cache_is_made_again(predictions):
    def make():
        return {"level": np.arange(50.0)}

    cache.cached((1,), make)
    (path,) = (predictions / "predictions").iterdir()
    whole = path.read_bytes()
    for form in [whole[:size] for size in (0, 1, 50, len(whole) - 1)] + [bytes(len(whole))]:
        path.write_bytes(form)
        assert cache.cached((1,), make)["level"].tolist() == list(range(50))


def test_a_broken_window_in_the_cache_is_no_window(predictions):
    windows = cache.Windows()
    windows["abc"] = np.arange(100, dtype=np.uint16)
    (path,) = (predictions / "windows").rglob("*.npy")
    whole = path.read_bytes()
    for form in broken_forms(whole):
        path.write_bytes(form)
        assert windows.get("abc") is None or form == whole
    path.write_bytes(whole)
    assert windows.get("abc").tolist() == list(range(100))


def test_a_file_in_the_cache_of_downloads_is_checked_again(tmp_path, monkeypatch):
    monkeypatch.setattr(download, "FOLDER", tmp_path)
    wanted = download.Download(Address("http://127.0.0.1:9/a.tif"), "a.tif")
    path = download.cached(wanted)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"whole")
    record = path.with_name("a.tif.json")
    digest = download.digest_of(path, "sha256")
    told = {"address": str(wanted.address), "sha256": digest, "checked": "size"}
    record.write_text(json.dumps(told))
    assert download.download(wanted).path == path
    path.write_bytes(b"half")
    with pytest.raises(download.NetworkError, match="nobody answers"):
        download.download(wanted, Patience(1.0, 1, 0.0))
    record.write_text("{}")
    with pytest.raises(download.NetworkError, match="nobody answers"):
        download.download(wanted, Patience(1.0, 1, 0.0))
