"""A plan held against what was built: which stations stand, when, where, and whom they serve.

May import config, prediction and candidates.
"""
