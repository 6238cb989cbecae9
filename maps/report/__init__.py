"""The printable report of a run: its tables, its static maps, the page.

May import texts, pictures, plots, frame and layers.
"""
