"""What was measured: samples, the cells they heard, and the ground between.

May import files, units, ground, network and provinces.
"""
