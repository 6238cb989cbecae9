"""Which model predicts, with which parameters, and a single path by it.

The lowest room of scenarios beside siting and costs.
"""
