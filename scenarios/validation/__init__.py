"""A model as it is, held against measurements: nothing is fitted here.

May import calibration, propagation and the writing of results.
"""
