"""What speaks for or against a candidate: the criteria, their weights, and scores by them.

Imports no other room.
"""
