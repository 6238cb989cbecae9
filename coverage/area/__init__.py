"""From one path to an area: masts, cells and receivers as arrays, sweeps, and many cells together.

May import the rest of coverage; nothing of coverage outside this room imports it.
"""
