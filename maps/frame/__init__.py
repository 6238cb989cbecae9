"""What every page is made of: templates, libraries it carries, what it is allowed to do.

May import texts.
"""
