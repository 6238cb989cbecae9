"""Which model predicts, with which parameters, and a single path by it.

Imports no other room.
"""
