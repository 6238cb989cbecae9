"""A run as other programs open it: the package of layers, the QGIS project, KML, workbook.

May import countries, files and writers.
"""
