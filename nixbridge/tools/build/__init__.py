"""Outputs of derivations as files, made without running any program."""
