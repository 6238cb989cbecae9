"""5G for the tourism areas of Vĩnh Phúc: run me, read me, change me."""

import phusong as ps
from phusong.progress import bars


def main() -> None:
    """Rank the stations that cover most visitors outdoors for their cost."""
    scenario = ps.load_scenario(
        "tourism",
        {
            # Visitors are outdoors, on the mountain as on the lake.
            "service.location": "outdoor",
            # Visitors of a peak day count in full, residents by half.
            "demand.visitors": 1.0,
            "demand.people": 0.5,
        },
    )
    plan = ps.plan(ps.open_province(), scenario, progress=bars)
    plan.write("out/tourism")

    for station in plan.ranking.head(10).itertuples():
        print(
            f"{station.rank:3} {station.zone_id or '-':4} {station.visitors_gained:6.0f} visitors"
        )
    for zone in plan.zones[plan.zones["kind"] == "tourism"].itertuples():
        print(f"{zone.name}: {zone.covered_share_after:.0%} covered after the plan")
    print("map: out/tourism/map.html")


if __name__ == "__main__":
    main()
