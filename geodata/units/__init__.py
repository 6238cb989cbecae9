"""Administrative units: communes and districts, their dated sets, names, codes and residents.

May import files.
"""
