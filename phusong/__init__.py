"""phusong: coverage planning for mobile networks, from a site list to a ranked 5G rollout."""

import hashlib
import os
from pathlib import Path

from platformdirs import user_cache_path

__version__ = "0.1.0"

_package = Path(__file__).resolve().parent
_root = _package.parent
# In a source checkout the four subpackages lie beside this folder, not inside it.
if (_root / "pyproject.toml").is_file():
    __path__.append(str(_root))
else:
    _root = _package


def _kernels_key() -> str:
    """Return a digest of every module that holds or feeds a compiled kernel."""
    digest = hashlib.sha256()
    for folder in ("coverage", "scenarios"):
        for path in sorted((_root / folder).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


# Whatever is kept of the models' work, compiled or computed, is kept by this key: numba's own
# cache overlooks an edit in a module that a kernel calls.
KERNELS_KEY = _kernels_key()
os.environ.setdefault("NUMBA_CACHE_DIR", str(user_cache_path("phusong") / "kernels" / KERNELS_KEY))
