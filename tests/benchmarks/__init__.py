"""Whole processes measured beside their peers: `python -m tests.benchmarks`."""
