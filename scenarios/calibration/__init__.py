"""Models tuned with measurements.

May import propagation, prediction and results.
"""
