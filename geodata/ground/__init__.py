"""What lies on the ground: terrain, land cover, people, roads, as grids or lines.

May import files.
"""
