"""
From your own files to a plan
=============================

An operator's Excel sheet with errors, communes and terrain as files: check, build, plan.
"""

# %%
# The files
# ---------
# They stand in for yours: a sheet with a title, Vietnamese headers and coordinates in VN-2000,
# communes as GeoJSON, heights as GeoTIFF. In one row the coordinates are swapped.
from pathlib import Path
from tempfile import mkdtemp

import openpyxl

import phusong as ps

folder = Path(mkdtemp())
sample = ps.geodata.provinces.part_of(ps.open_province(), ["243"])
sample.communes.to_crs(4326).to_file(folder / "communes.geojson")
ps.geodata.files.write_cog(folder / "dem.tif", sample.terrain, description="height", unit="m")

book = openpyxl.Workbook()
sheet = book.active
sheet.append(["DANH SÁCH TRẠM BTS"])
sheet.append(["Mã trạm", "Tọa độ X", "Tọa độ Y", "Doanh nghiệp", "Độ cao (m)"])
for site in sample.sites.head(60).itertuples():
    x, y = round(site.geometry.y, 1), round(site.geometry.x, 1)  # X is the northing
    sheet.append([site.site_id, x, y, site.operator, site.height_m])
sheet.append(["VYN-X1", 561_000.0, 2_357_000.0, "Vietell", 30])
book.save(folder / "bts.xlsx")

# %%
# Look at what you have
# ---------------------
# Every finding names file, row, column and value, says what to do and why it matters.
for finding in ps.geodata.audit.audit(folder / "bts.xlsx"):
    print(str(finding).replace(str(folder), "."))

# %%
# Build a province
# ----------------
# Land cover and population are not given: they are made by a documented recipe, and called
# synthetic in every output. The bad row is left out, and goes to ``rejected.csv``.
ps.geodata.provinces.build_province(
    folder / "communes.geojson",
    [folder / "dem.tif"],
    folder / "vinh_yen",
    sites=folder / "bts.xlsx",
    name="Vĩnh Yên",
    skip_bad_rows=True,
)
province = ps.open_province(folder / "vinh_yen")
for layer, origin in province.provenance.items():
    print(f"{layer}: {origin.status}, {origin.source}")

# %%
# Plan
# ----
# Six stations, quickly: places are compared on a coarse grid, weights and levels drawn anew
# only 50 times.
settings = {
    "rollout.stations": {2027: 6},
    "candidates.lattice_m": 800.0,
    "uncertainty.draws": 50,
}
plan = ps.plan(province, ps.load_scenario("urban", settings), language="en")
print(f"residents covered by 5G: {plan.figures['people_share_after']:.1%}")
plan.ranking[["rank", "site_id", "kind", "people_gained"]]

# %%
# Map, report, tables and GIS layers, in Vietnamese and later in English:
run = ps.open_run(plan.write(folder / "out", language="vi"))
run.map("en").save(folder / "out" / "map_en.html")
print(*sorted(path.name for path in run.path.iterdir())[:10], "...", sep="\n")
