"""What was measured: samples, the cells they heard, and the ground between.

May import files, ground, network and provinces.
"""
