"""Finished runs: read again, and handed to other programs.

May import files, units and writers.
"""
