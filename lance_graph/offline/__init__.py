"""Refiner and responder that need no language model."""
