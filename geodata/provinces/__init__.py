"""A province as a folder or by recipe: its manifest, its zones, and what it lacks made up.

May import files, units, ground, writers and network.
"""
