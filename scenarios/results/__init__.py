"""Plans and predictions written to a folder.

May import config, criteria, propagation, prediction, candidates and plan.
"""
