"""From cells to levels and what follows from them: service, speed, quality.

May import config and propagation.
"""
