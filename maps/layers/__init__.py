"""What the map page shows, as data: vector layers, places compared, themes that shade the province.

To add a theme, add its record to ``THEMES`` in ``themes``. May import texts and pictures.
"""
