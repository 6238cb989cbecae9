"""What stations cost to build and run, and how they reach fibre.

May import config.
"""
