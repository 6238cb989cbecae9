"""How stations reach fibre, and what the whole costs.

May import costs, config and candidates.
"""
