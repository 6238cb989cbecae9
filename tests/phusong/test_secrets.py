"""No password, token or address of a database in anything that phusong says or keeps."""

from contextlib import suppress

import pytest

from phusong.commands import cli
from phusong.errors import Defect, InputError, PhusongError, without_secrets
from phusong.geodata.fetch import download

PASSWORD = "s3cr3t-Pa55"  # noqa: S105 - made up


@pytest.mark.parametrize(
    "text",
    [
        f"cannot reach http://me:{PASSWORD}@host/x",
        f"postgresql://me:{PASSWORD}/with/slash@host:5432/gis",
        f"postgresql://me:p[{PASSWORD}@host",
        f"https://me:a@{PASSWORD}@host/y and more",
        f"ftp://me:word with {PASSWORD} blanks@host",
        f"http://host/x?token={PASSWORD}&file=a",
        f"http://host/x?API_KEY={PASSWORD}",
        f"host=db password={PASSWORD} dbname=gis",
        f"host=db password='{PASSWORD} x' dbname=gis",
        f"http://{PASSWORD}@host/",
    ],
)
def test_secrets_of_addresses_are_hidden(text):
    assert PASSWORD in text
    assert PASSWORD not in without_secrets(text)
    assert PASSWORD not in str(PhusongError(text))
    assert PASSWORD not in str(InputError("x", [Defect(text, "is wrong", value=text)]))


@pytest.mark.parametrize(
    "text",
    [
        "http://host/path: is not there",
        "out/a@b.csv:3, column 'lon': 105.6",
        "write postgresql://user and ask me",
        "bypass=3, passive=1",
        "a: http://one/x\nb: mail me@here",
    ],
)
def test_the_rest_is_left_as_it_is(text):
    assert without_secrets(text) == text


ORDERS = (
    "export RUN --to postgresql://me:PASSWORD@127.0.0.1:1/gis",
    "export RUN --to postgresql://me:p%zzPASSWORD@127.0.0.1/gis",
    "export RUN --to POSTGRESQL://me:PASSWORD[@127.0.0.1/gis",
    "export RUN --to postgressql://me:PASSWORD@host/gis",
    "export RUN --to mysql://me:PASSWORD@host/gis.gpkg",
    "export RUN --to 'host=h password=PASSWORD.gpkg'",
    "data fetch terrain --bbox 105.5,21.3,105.6,21.4 --from http://me:PASSWORD@127.0.0.1:1/m",
    "data fetch terrain --bbox 105.5,21.3,105.6,21.4 --from http://me:PASS[PASSWORD@127.0.0.1/m",
    "data fetch terrain --bbox 105.5,21.3,105.6,21.4 --from http://me:1/PASSWORD@127.0.0.1/m",
    "data fetch terrain --bbox 105.5,21.3,105.6,21.4 --from htp://me:PASSWORD@127.0.0.1/m",
    "data fetch terrain --form http://me:PASSWORD@host/m",
    "run urban --province http://me:PASSWORD@host/m",
    "data check postgresql://me:PASSWORD@host/gis",
)


@pytest.mark.parametrize("order", ORDERS)
def test_no_message_and_no_file_holds_a_password(order, tmp_path, monkeypatch, capfd, mini_run):
    """Also where the address cannot be understood, or stands where none belongs."""
    import shlex  # noqa: PLC0415

    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(download, "FOLDER", tmp_path / "cache")
    words = [
        word.replace("PASSWORD", PASSWORD).replace("RUN", str(mini_run))
        for word in shlex.split(order)
    ]
    more = ["--timeout", "1"] if "fetch" in words else []
    with suppress(SystemExit):  # of argparse, which has said why
        assert cli.main([*words, *more]) != cli.DONE
    said = "".join(capfd.readouterr())
    assert said
    assert PASSWORD not in said
    for path in tmp_path.rglob("*"):
        assert PASSWORD not in str(path)
        assert path.is_dir() or PASSWORD.encode() not in path.read_bytes()


@pytest.fixture(scope="module")
def mini_run(tmp_path_factory):
    import maps_run  # noqa: PLC0415

    return maps_run.write_whole(tmp_path_factory.mktemp("secrets") / "run")
