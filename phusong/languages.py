"""The language that is asked for: stated, of the environment, or Vietnamese."""

import os

from phusong.errors import Defect, InputError
from phusong.messages import DEFAULT, languages, message

VARIABLE = "PHUSONG_LANG"


def language(name: str) -> str:
    """Return the language of this name, or raise InputError."""
    if name not in languages():
        unknown = message("problem.unknown_language")
        use = message("remedy.use_one", names=[*languages()])
        raise InputError(unknown, [Defect("--lang", unknown, use, value=name)])
    return name


def chosen_language(stated: str | None = None) -> str:
    """Return the language stated, else that of the environment (PHUSONG_LANG), else Vietnamese."""
    return language(stated or os.environ.get(VARIABLE) or DEFAULT)
