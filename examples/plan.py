"""
A plan, and what another would change
=====================================

Two rollouts of 5G in one district, side by side.
"""

# %%
# One district
# ------------
# A whole province takes a minute or two; a district is enough to try things out. Its sites are
# synthetic, as all of the embedded province.
from pathlib import Path
from tempfile import mkdtemp

import matplotlib.pyplot as plt

import phusong as ps

folder = Path(mkdtemp())
province = ps.geodata.provinces.part_of(ps.open_province(), ["243"])
print(province.name, "with", len(province.communes), "communes and", len(province.sites), "sites")

# %%
# Plan
# ----
# A scenario holds every parameter; what is changed here comes last. Places are compared on a
# coarse grid, and weights and levels drawn anew only 50 times, to be quick.
quick = {
    "rollout.stations": {2026: 4, 2027: 6},
    "candidates.lattice_m": 800.0,
    "uncertainty.draws": 50,
}
plan = ps.plan(province, ps.load_scenario("urban", quick), language="en")
plan.ranking[["rank", "year", "site_id", "kind", "people_gained", "cost_million"]]

# %%
# Each station says why it was chosen:
print(plan.ranking["reason"].iloc[0])

# %%
# Residents covered by year, with the range that holds with 90 %:
years = plan.years
figure, axes = plt.subplots(figsize=(6, 3.2), layout="constrained")
share = 100 * years["people_share"]
low, high = 100 * years["people_share_low"], 100 * years["people_share_high"]
axes.errorbar(years["year"].astype(str), share, [share - low, high - share], fmt="o", capsize=6)
axes.set_ylabel("residents covered [%]")
plt.show()

# %%
plan.explore("covered_year")

# %%
# Another plan
# ------------
# Service outdoors is reached more easily than indoors: what would that change?
outdoors = {**quick, "service.location": "outdoor"}
other = ps.plan(province, ps.load_scenario("urban", outdoors), language="en")
compared = ps.compare(
    plan.write(folder / "indoors"), other.write(folder / "outdoors"), restate=False
)
compared.stations[["runs", "site_id_a", "site_id_b", "rank_a", "rank_b"]].head(12)

# %%
# The page ``compare.html`` shows both on one map, in Vietnamese and English:
print(compared.write(folder / "compare", language="en") / "compare.html")
