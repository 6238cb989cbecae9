"""Plans and predictions written to a folder.

May import every room below it.
"""
