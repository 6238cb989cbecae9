"""
Calibrate the model with a drive test
=====================================

Measurements say how wrong a model is here; calibration makes it less wrong, and says by how much.
"""

# %%
# A drive test
# ------------
# It is synthetic: levels that P.1812 predicts along roads round one site, lowered by 7 dB, with
# shadowing of 6 dB. What is found below should therefore be about 7 dB.
from pathlib import Path
from tempfile import mkdtemp

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from pyproj import Transformer

import phusong as ps

folder = Path(mkdtemp())
(folder / "cells.csv").write_text(
    "site_id,cell_id,lon,lat,height_m,azimuth_deg,technology,band,operator\n"
    "A,A1,105.5970,21.3090,32,0,4G,B3,Viettel\n"
    "A,A2,105.5970,21.3090,32,120,4G,B3,Viettel\n"
    "A,A3,105.5970,21.3090,32,240,4G,B3,Viettel\n"
)
province = ps.geodata.provinces.part_of(ps.open_province(), ["243"])
cells = ps.read_cells(folder / "cells.csv", province)
coverage = ps.predict(province, cells, model="p1812", radius_m=3000)
levels = coverage.to_xarray("4G", "Viettel")

rng = np.random.default_rng(7)
angle, radius_m = rng.uniform(0, 2 * np.pi, 40), np.linspace(200, 2800, 60)
x_m = coverage.cells.geometry.x.iloc[0] + (np.sin(angle)[:, None] * radius_m).ravel()
y_m = coverage.cells.geometry.y.iloc[0] + (np.cos(angle)[:, None] * radius_m).ravel()
places = {"x": ("sample", x_m), "y": ("sample", y_m)}
sampled = levels[["rsrp_dbm", "server"]].interp(places, method="nearest").to_dataframe()

lon, lat = Transformer.from_crs(5897, 4326, always_xy=True).transform(x_m, y_m)
cell_ids = np.append(coverage.cells["cell_id"].to_numpy(object), "")  # -1 is no server
drive = pd.DataFrame(
    {
        "lon": lon,
        "lat": lat,
        "rsrp_dbm": sampled["rsrp_dbm"].to_numpy() - 7 + rng.normal(0, 6, len(lon)),
        "cell_id": cell_ids[sampled["server"].to_numpy(int)],
    }
)
drive[np.isfinite(drive["rsrp_dbm"])].round(6).to_csv(folder / "drive.csv", index=False)

# %%
# Calibrate
# ---------
# Both P.1812 and the standard propagation model are tuned. Errors are those on blocks of ground
# which the fit has not seen; the baseline is one offset a cell and a slope with distance.
tuned = ps.calibrate(folder / "drive.csv", cells=folder / "cells.csv", model="p1812")
tuned.errors.round(2)

# %%
# Every place measured, before and after:
residuals = tuned.residuals
before = residuals["predicted_before_db"] - residuals["measured_loss_db"]
figure, axes = plt.subplots(figsize=(6, 3.2), layout="constrained")
bins = np.arange(-30, 31, 2)
axes.hist(before, bins, alpha=0.6, label="untuned")
axes.hist(residuals["residual_db"], bins, alpha=0.6, label="calibrated, block held out")
axes.set_xlabel("predicted less measured loss [dB]")
axes.legend()
plt.show()

# %%
# Predict with it
# ---------------
# The file holds the model, its shadowing and its errors; predictions and plans take it.
model = tuned.write(folder / "calibration", language="en") / "calibration.toml"
calibrated = ps.predict(province, coverage.listed, calibration=model, radius_m=3000)
difference = calibrated.to_xarray("4G")["rsrp_dbm"] - coverage.to_xarray("4G")["rsrp_dbm"]
print(f"levels change by {float(difference.median()):+.1f} dB (median)")
