"""Public data brought onto this machine.

May import files, units, provinces and writers; only commands import it.
"""
