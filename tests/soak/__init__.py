"""Soak tests: the library, `check --watch` and the language server run for long, and must cost no more at the end than at the start."""
