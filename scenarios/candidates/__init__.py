"""Where a station may stand, and whom it would serve.

May import config, prediction and siting.
"""
