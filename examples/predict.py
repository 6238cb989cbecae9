"""
Predict what cells cover, and look
==================================

From a list of three cells to levels over the terrain, the area served, and a map.
"""

# %%
# A list of cells
# ---------------
# A row is a cell. What a list lacks (power, tilt, antenna) is taken from defaults and named.
from pathlib import Path
from tempfile import mkdtemp

import matplotlib.pyplot as plt

import phusong as ps

folder = Path(mkdtemp())
(folder / "cells.csv").write_text(
    "site_id,cell_id,lon,lat,height_m,azimuth_deg,technology,band,operator\n"
    "VY01,VY01A,105.5970,21.3090,36,30,5G,n41,Viettel\n"
    "VY01,VY01B,105.5970,21.3090,36,150,5G,n41,Viettel\n"
    "VY02,VY02A,105.6120,21.3240,30,270,5G,n41,Viettel\n"
)

province = ps.open_province()
cells = ps.read_cells(folder / "cells.csv", province)
for text in cells.assumed:
    print("assumed:", text)

# %%
# Levels over the terrain
# -----------------------
# ITU-R P.1812-8 follows each path over terrain and land cover. The result knows its grid,
# coordinates, units and nodata: here as an xarray dataset.
coverage = ps.predict(province, cells, model="p1812")
data = coverage.to_xarray()
data["rsrp_dbm"]

# %%
# A plot of the levels, where there are any, with the two sites.
near = data.sel(
    x=slice(cells.cells.geometry.x.min() - 4500, cells.cells.geometry.x.max() + 4500),
    y=slice(cells.cells.geometry.y.max() + 4500, cells.cells.geometry.y.min() - 4500),
)
figure, axes = plt.subplots(figsize=(7, 5.5), layout="constrained")
near["rsrp_dbm"].plot(ax=axes, cmap="viridis", vmin=-130, vmax=-70)
cells.cells.plot(ax=axes, color="white", edgecolor="black", markersize=40)
axes.set_aspect("equal")
axes.set_title("SS-RSRP outdoors")
plt.show()

# %%
# How much is served
# ------------------
# The area at a stated level, as polygons in the coordinates of the grid.
coverage.to_geodataframe(level_dbm=-100)[["technology", "operator", "level_dbm", "area_km2"]]

# %%
# A map
# -----
# It carries its libraries, so that it opens without internet. The pointer tells the cells.
coverage.explore("sinr_db")

# %%
# All layers as cloud-optimised GeoTIFF, the cells with power and exposure distance, and a
# record of what was assumed:
written = coverage.write(folder / "out", language="en")
print(*sorted(path.name for path in written.iterdir())[:8], "...", sep="\n")
