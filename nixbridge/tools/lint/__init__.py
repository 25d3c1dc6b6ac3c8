"""Checks of builder calls and of the consistency of records, without rendering them."""
