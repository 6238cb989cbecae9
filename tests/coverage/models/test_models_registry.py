"""The registry: every model is callable as its kind says, and knows its limits."""

import inspect
import math

import numpy as np
import pytest

from phusong import messages
from phusong.coverage import models, profile

DISTANCE_MODELS = [model for model in models.REGISTRY.values() if model.kind == "distance"]
PROFILE_MODELS = [model for model in models.REGISTRY.values() if model.kind == "profile"]


def _inside(limits):
    return 0.5 * (limits.low + min(limits.high, 2.0 * limits.low + 10.0))


@pytest.mark.parametrize("model", DISTANCE_MODELS, ids=lambda model: model.name)
def test_distance_models_inside_their_limits(model):
    used = {
        "frequency_mhz": _inside(model.frequency_mhz),
        "distance_m": max(_inside(model.distance_m), 100.0),
        "base_height_m": _inside(model.base_height_m),
        "user_height_m": _inside(model.user_height_m),
    }
    loss_db = model.function(
        used["distance_m"], used["frequency_mhz"], used["base_height_m"], used["user_height_m"]
    )
    assert 20.0 < loss_db < 250.0
    assert models.outside(model, **used) == []


@pytest.mark.parametrize("model", PROFILE_MODELS, ids=lambda model: model.name)
def test_profile_models_give_a_record_with_the_loss(model):
    ground = profile.from_arrays(np.linspace(0.0, 3.0, 31), np.full(31, 20.0))
    found = model.function(ground, 1800.0, 30.0, 1.5, None)
    record = getattr(found, "losses", found)
    assert 90.0 < record.loss_db < 200.0


def test_names_are_unique_and_texts_are_there():
    for name, model in models.REGISTRY.items():
        assert name == model.name
        assert name.isidentifier()
        assert model.title
        assert model.title_vi
        assert model.source
        assert model.frequency_mhz.low < model.frequency_mhz.high
        assert inspect.getdoc(model.function)


def test_every_broken_limit_is_named():
    found = models.outside(
        models.REGISTRY["hata_urban"],
        frequency_mhz=2600.0,
        distance_m=500.0,
        base_height_m=250.0,
        user_height_m=0.5,
    )
    assert [broken.quantity for broken in found] == [
        "frequency_mhz",
        "distance_m",
        "base_height_m",
        "user_height_m",
    ]
    assert str(found[0]) == (
        "hata_urban: frequency_mhz 2600 is outside the published range 150 to 1500"
    )


def test_limits_belong_to_the_range_and_nan_does_not():
    model = models.REGISTRY["p1812"]
    assert models.outside(model, frequency_mhz=30.0, distance_m=250.0) == []
    assert models.outside(model, frequency_mhz=6000.0, user_height_m=1.0) == []
    assert len(models.outside(model, frequency_mhz=math.nan)) == 1
    assert len(models.outside(model, frequency_mhz=math.nextafter(30.0, 0.0))) == 1


@pytest.mark.parametrize("model", models.REGISTRY.values(), ids=models.REGISTRY)
def test_catalogues_name_every_model(model):
    assert model.title.startswith(messages.template(f"model.{model.name}", "en"))
    assert model.title_vi.startswith(messages.template(f"model.{model.name}", "vi"))
