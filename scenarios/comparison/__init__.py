"""Two runs side by side.

Imports no other room.
"""
