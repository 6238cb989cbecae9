"""The audit: every finding in a file or a province, one module for each kind of file.

May import files, units, ground, network, provinces and measured.
"""
