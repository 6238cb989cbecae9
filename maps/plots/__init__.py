"""Drawings that stand by themselves: years, a path from the side, measured and predicted.

May import texts and pictures.
"""
