"""Every word of the pages, and numbers as each language writes them.

Imports no other room.
"""
