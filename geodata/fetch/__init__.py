"""Public data brought onto this machine.

May import countries, files, units, writers and provinces.
"""
