"""The figures of a plan, and the words for them.

May import config, prediction, candidates and siting.
"""
