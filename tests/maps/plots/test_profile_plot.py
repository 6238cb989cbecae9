"""The drawing of a path: what is where, in which language, and that the file is whole."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from PIL import Image

from phusong.commands import cli
from phusong.coverage import profile
from phusong.errors import InputError
from phusong.maps.pictures.palette import PAPER
from phusong.maps.plots import profile_plot
from phusong.scenarios.propagation import link
from phusong.scenarios.propagation.link_request import LinkRequest

REQUEST = LinkRequest(600.0, 40.0, 10.0)
GROUND = profile.from_arrays(
    np.linspace(0.0, 20.0, 101),
    20.0 + 60.0 * np.exp(-((np.linspace(-9, 11, 101) / 2.0) ** 2)),
    np.where(np.arange(101) % 20 < 5, 15.0, 0.0),
)


def picture(**changes):
    seen = link.sight(REQUEST, GROUND)
    facts = {
        "model": "ITU-R P.1812",
        "frequency_mhz": 600.0,
        "loss_db": 123.456,
        "line_of_sight": seen.line_of_sight,
        "clearance": seen.fresnel_clearance,
        "clearance_km": seen.fresnel_at_m / 1000.0,
    }
    drawn = link.drawing(REQUEST, GROUND)
    return profile_plot.PathPicture(**(drawn._asdict() | facts | changes))


def texts(figure):
    axes = figure.axes[0]
    shown = [axes.get_title(loc="left"), axes.get_xlabel(), axes.get_ylabel()]
    shown += [text.get_text() for text in (*axes.texts, *axes.get_legend().get_texts())]
    return "\n".join(shown)


def test_the_earth_is_curved_by_four_thirds():
    """Half way along 20 km the bulge is d^2 / (8 k a) = 5.9 m."""
    drawn = link.drawing(REQUEST, GROUND)
    assert drawn.sea_m.max() == pytest.approx(20_000.0**2 / (8 * 4 / 3 * 6.371e6), rel=1e-6)
    assert drawn.sea_m[[0, -1]] == pytest.approx(0.0)


def test_the_drawn_clearance_is_the_predicted_one():
    """Read the least clearance off the curves, a second way to compute it."""
    drawn, seen = link.drawing(REQUEST, GROUND), link.sight(REQUEST, GROUND)
    at_points = np.isin(drawn.distance_km, GROUND.distance_km[1:-1])
    ratio = ((drawn.ray_m - drawn.obstacle_m) / np.maximum(drawn.fresnel_m, 1e-9))[at_points]
    assert ratio.min() == pytest.approx(seen.fresnel_clearance, rel=1e-3)
    assert drawn.fresnel_m[[0, -1]] == pytest.approx(0.0)
    assert (drawn.obstacle_m >= drawn.ground_m).all()
    assert drawn.obstacle_m[[0, -1]] == pytest.approx(drawn.ground_m[[0, -1]])


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("vi", ("Suy hao đường truyền 123,5 dB", "Miền Fresnel thứ nhất", "Địa hình", "40,0 m")),
        ("en", ("Path loss 123.5 dB", "First Fresnel zone", "Terrain", "40.0 m", "600 MHz")),
    ],
)
def test_labels_in_both_languages(language, said):
    shown = texts(profile_plot.draw(picture(), language))
    for part in said:
        assert part in shown


def test_a_path_without_sight_says_so():
    assert "no line of sight" in texts(profile_plot.draw(picture(line_of_sight=False), "en"))
    assert ", line of sight" in texts(profile_plot.draw(picture(line_of_sight=True), "en"))


def test_everything_drawn_is_inside_the_frame():
    shown = picture()
    low_m, high_m = profile_plot.draw(shown, "en").axes[0].get_ylim()
    assert low_m < shown.ground_m.min()
    assert high_m > (shown.ray_m + shown.fresnel_m).max()
    assert high_m > shown.obstacle_m.max()


def test_bare_ground_has_no_clutter_in_the_legend():
    bare = picture(obstacle_m=picture().ground_m)
    assert "Clutter" not in texts(profile_plot.draw(bare, "en"))


def test_png_has_the_colours_of_ground_and_paper(tmp_path):
    path = tmp_path / "path.png"
    profile_plot.write(path, picture(), "en")
    with Image.open(path) as image:
        assert image.size == (1760, 864)
        pixels = np.asarray(image.convert("RGB")).reshape(-1, 3)
    for colour in (PAPER, profile_plot.TERRAIN, profile_plot.CLUTTER, profile_plot.RAY):
        share = (pixels == np.round(np.array(to_rgb(colour)) * 255)).all(axis=1).mean()
        assert share > 5e-4, colour
    assert [item.name for item in tmp_path.iterdir()] == ["path.png"]


def test_same_picture_same_bytes(tmp_path):
    for name in ("a.png", "b.png"):
        profile_plot.write(tmp_path / name, picture(), "vi")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_notes_name_what_is_not_given():
    note = profile_plot.origin({"terrain": "approximate", "landcover": "synthetic"}, "vi")
    assert note == "Địa hình: gần đúng; Lớp phủ mặt đất: mô phỏng"
    assert profile_plot.origin({"terrain": "given"}, "en") == ""


def test_kinds_of_pictures(tmp_path):
    with pytest.raises(InputError, match=r"end it in \.png, \.svg or \.pdf"):
        profile_plot.write(tmp_path / "path.doc", picture(), "en")
    with pytest.raises(InputError, match="cannot write"):
        profile_plot.write(tmp_path / "none" / "path.png", picture(), "en")
    profile_plot.write(tmp_path / "path.svg", picture(), "en")
    assert "<svg" in (tmp_path / "path.svg").read_text(encoding="utf-8")


def test_command_draws(tmp_path, capsys):
    path = tmp_path / "hill.csv"
    path.write_text("distance_km,height_m\n0,10\n1,80\n2,10\n")
    given = ["link", "--profile", str(path), "--tx-height", "30", "--rx-height", "2"]
    given += ["--frequency-mhz", "900", "--plot", str(tmp_path / "hill.png"), "--lang", "en"]
    assert cli.main(given) == cli.DONE
    assert "path loss" in capsys.readouterr().out
    with Image.open(tmp_path / "hill.png") as image:
        assert image.format == "PNG"
