"""The lock of all dependencies keeps to the pins; ``make lock`` makes it anew."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_the_lock_holds_every_pin_with_digests_and_no_place():
    """Whoever gives the files, they are those that were tested."""
    pin = re.compile(r"^([\w.-]+)(?:\[[\w,]+\])?==([^\s;\\]+)", re.MULTILINE)
    pins = dict(pin.findall((ROOT / "constraints.txt").read_text(encoding="utf-8")))
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    locked = {name.lower().replace("_", "-"): version for name, version in pin.findall(text)}
    assert {n: locked.get(n.lower().replace("_", "-")) for n in pins} == pins
    assert "://" not in text
    assert "index" not in text
    blocks = re.split(
        r"^(?=\S)", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE), flags=re.MULTILINE
    )
    assert all("--hash=sha256:" in block for block in blocks if block.strip())
