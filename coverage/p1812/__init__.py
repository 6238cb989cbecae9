"""The equations of ITU-R P.1812: what they need of a path, their losses, and their sweep.

The model itself is ``models.p1812``. May import area.
"""
