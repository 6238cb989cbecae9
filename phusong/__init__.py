"""phusong: coverage planning for mobile networks, from a site list to a ranked 5G rollout."""

from pathlib import Path

__version__ = "0.1.0"

# In a source checkout the four subpackages lie beside this folder, not inside it.
_root = Path(__file__).resolve().parent.parent
if (_root / "pyproject.toml").is_file():
    __path__.append(str(_root))
