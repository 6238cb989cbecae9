"""Propagation models: one module each, and the registry of them.

May import area and p1812.

A model is one whole; parts of different models are not mixed. Adding one takes a module that
defines a ``model.Model`` and its line in the registry.
"""

from phusong.coverage.models import additions, cost231, okumura_hata, tr38901
from phusong.coverage.models.by_distance import FREE_SPACE
from phusong.coverage.models.model import Model, Parameter, Range, Value, Violation, outside
from phusong.coverage.models.p1812 import P1812
from phusong.coverage.models.p1812_terminal import P1812_TERMINAL
from phusong.coverage.models.sweep_spm import SPM
from phusong.coverage.models.tr38901_mixed import TR38901_MIXED

__all__ = ["REGISTRY", "Model", "Parameter", "Range", "Value", "Violation", "outside"]

_MODELS = (
    P1812,
    P1812_TERMINAL,
    SPM,
    TR38901_MIXED,
    FREE_SPACE,
    *okumura_hata.MODELS,
    *cost231.MODELS,
    *tr38901.MODELS,
    additions.P2108_TERRESTRIAL,
    additions.P2109,
)

REGISTRY = {model.name: model for model in _MODELS}
