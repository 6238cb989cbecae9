"""Models tuned with measurements.

May import prediction and the writing of results.
"""
