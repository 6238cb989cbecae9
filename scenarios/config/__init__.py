"""What a scenario says: read, checked, and the networks it asks for.

May import criteria and propagation.
"""
