"""Mutants: deliberate mistakes in promises that nobody can see, each of which some test has to notice."""
