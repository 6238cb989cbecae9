"""Run every benchmark and print its table: ``make bench``."""

import runpy
from pathlib import Path

for name in ("area", "siting", "runs"):
    print(f"\n## {name}\n", flush=True)
    runpy.run_path(str(Path(__file__).with_name(f"{name}.py")), run_name="__main__")
