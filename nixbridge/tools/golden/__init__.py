"""Golden files: find, compare, report, update."""
