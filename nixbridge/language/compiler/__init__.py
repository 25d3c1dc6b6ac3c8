"""Syntax tree to Python code objects."""
