"""How a detector is trained, calibrated and measured: recipes, data, stages.

Nothing in the product imports it.
"""
