"""The command line: one module a command, and the text it prints.

May import everything; only ``__main__`` imports it.
"""
