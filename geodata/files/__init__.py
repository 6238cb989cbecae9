"""The door for bytes: any file on its way in or out, whatever it means.

Imports no other room.
"""
