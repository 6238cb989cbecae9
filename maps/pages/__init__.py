"""Pages that are looked at: the map of a run, two runs side by side, calibration, notebooks.

May import texts, pictures, plots, frame and layers.
"""
