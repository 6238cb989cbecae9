"""A model as it is, held against measurements: nothing is fitted here.

May import propagation, calibration and results.
"""
