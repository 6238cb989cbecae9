"""5G for the industrial parks of Vĩnh Phúc: run me, read me, change me."""

from pathlib import Path

from phusong import pipeline
from phusong.scenarios.config import schema


def main() -> None:
    """Rank the stations that cover most workers inside the halls for their cost."""
    scenario = schema.load(
        "industrial",
        [
            # Metal-clad halls lose about 20 dB.
            "service.entry_loss_db=20",
            # Workers count in full, residents around the parks only break ties.
            "demand.workers=1.0",
            "demand.people=0.1",
        ],
    )
    province = pipeline.open_province(seed=scenario.scenario.seed)
    plan = pipeline.run_scenario(scenario, province, Path("out/industrial"), language="vi")

    parks = plan.zones[(plan.zones["kind"] == "industrial") & (plan.zones["workers"] > 0)]
    for park in parks.itertuples():
        print(
            f"{park.name}: {park.covered_share_before:.0%} of its demand covered before, "
            f"{park.covered_share_after:.0%} after"
        )
    print("map: out/industrial/map.html")


if __name__ == "__main__":
    main()
