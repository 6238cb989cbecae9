"""How many people, workers, visitors and places are served, with intervals, and where holes are.

May import config, propagation, prediction and candidates.
"""
