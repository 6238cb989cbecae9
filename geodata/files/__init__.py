"""The door for bytes: any file on its way in or out, whatever it means.

May import the grid and the coordinate systems; no other room.
"""
