"""A scenario becomes a plan: constraints, choice, ranking.

May import every room but results, comparison and calibration.
"""
