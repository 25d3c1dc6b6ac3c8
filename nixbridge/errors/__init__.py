"""Errors as data, and their reports."""
