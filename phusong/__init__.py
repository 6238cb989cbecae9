"""phusong: coverage planning for mobile networks, from a site list to a ranked 5G rollout."""

from pathlib import Path

__version__ = "0.1.0"

# In a source checkout the four subpackages lie beside this folder, not inside it.
if (Path(__file__).resolve().parents[1] / "pyproject.toml").is_file():
    __path__.append(str(Path(__file__).resolve().parents[1]))
