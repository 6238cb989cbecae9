"""5G for the industrial parks of Vĩnh Phúc: run me, read me, change me."""

import phusong as ps
from phusong.progress import bars


def main() -> None:
    """Rank the stations that cover most workers inside the halls for their cost."""
    scenario = ps.load_scenario(
        "industrial",
        {
            # Metal-clad halls lose about 20 dB.
            "service.entry_loss_db": 20.0,
            # Workers count in full, residents around the parks only break ties.
            "demand.workers": 1.0,
            "demand.people": 0.1,
        },
    )
    plan = ps.plan(ps.open_province(), scenario, progress=bars)
    plan.write("out/industrial")

    parks = plan.zones[(plan.zones["kind"] == "industrial") & (plan.zones["workers"] > 0)]
    for park in parks.itertuples():
        print(
            f"{park.name}: {park.covered_share_before:.0%} of its demand covered before, "
            f"{park.covered_share_after:.0%} after"
        )
    print("map: out/industrial/map.html")


if __name__ == "__main__":
    main()
