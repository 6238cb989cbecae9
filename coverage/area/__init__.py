"""From one path to an area: masts, cells and receivers as arrays, sweeps, and many cells together.

Imports no other room.
"""
