"""The network as planners list it: sites, cells, antennas, masts, fibre.

May import files, units and ground.
"""
