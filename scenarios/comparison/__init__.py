"""Two runs side by side.

May import the writing of results.
"""
