"""The audit: every finding in a file or a province, one module for each kind of file.

May import every room below it; only commands import it.
"""
