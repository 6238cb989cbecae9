"""A scenario becomes a plan: constraints, choice, ranking, rollout, and the figures of it.

May import config, criteria, propagation, prediction, siting, candidates and costs.
"""
