"""5G for the whole province, priority zones first: run me, read me, change me."""

import phusong as ps
from phusong.progress import bars


def main() -> None:
    """Rank stations for urban, industrial and tourism zones first, and then for everyone."""
    scenario = ps.load_scenario(
        "province",
        {
            # The third tier, tourism, is to be served to nine tenths by 2026.
            "tiers.3.targets": {2024: 0.5, 2025: 0.7, 2026: 0.9},
            # 340 stations: the province's share of one operator's plan for the merged province.
            "rollout.stations": {2024: 100, 2025: 120, 2026: 120},
        },
    )
    plan = ps.plan(ps.open_province(), scenario, progress=bars)
    plan.write("out/province")

    for district in plan.districts.itertuples():
        print(
            f"{district.name}: {district.covered_population_share_before:.1%} of residents "
            f"covered by 5G before, {district.covered_population_share_after:.1%} after"
        )
    for year in plan.years.itertuples():
        print(f"{year.year}: {year.people_share:.1%} covered, {year.stations} stations")
    print("map: out/province/map.html")


if __name__ == "__main__":
    main()
