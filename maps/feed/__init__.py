"""The feed: a folder that other systems read: catalogue, layers, tiles, figures, what they mean.

May import texts, pictures and frame.
"""
