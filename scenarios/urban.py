"""5G for the cities, townships and new urban areas of Vĩnh Phúc: run me, read me, change me."""

import phusong as ps
from phusong.progress import bars


def main() -> None:
    """Rank the stations that cover most city residents indoors for their cost."""
    scenario = ps.load_scenario(
        "urban",
        {
            # Indoors a handset needs -105 dBm; walls take 15 dB on average.
            "service.location": "indoor",
            "service.entry_loss_db": 15.0,
            # Forty stations in the first year, sixty in each of the next two.
            "rollout.stations": {2024: 40, 2025: 60, 2026: 60},
        },
    )
    plan = ps.plan(ps.open_province(), scenario, progress=bars)
    plan.write("out/urban")

    for station in plan.ranking.head(10).itertuples():
        print(f"{station.rank:3} {station.year} {station.site_id}: {station.reason}")
    for year in plan.years.itertuples():
        print(f"{year.year}: {year.people_share:.1%} of residents covered by 5G")
    print("map: out/urban/map.html")


if __name__ == "__main__":
    main()
