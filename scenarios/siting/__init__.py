"""The choice itself: scores and optimisation on plain arrays.

Imports no other room.
"""
