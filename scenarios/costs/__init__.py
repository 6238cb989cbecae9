"""What stations and links cost, and where fibre is.

Imports no other room.
"""
