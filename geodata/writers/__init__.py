"""Files for other programs: layers, styles, projects, workbooks, and where each layer comes from.

May import files.
"""
