"""Public data brought onto this machine.

May import files, units, writers and provinces.
"""
