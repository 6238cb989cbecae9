"""Rasters as pictures: colours and classes, the warp to web mercator, relief, best servers.

Imports no other room.
"""
