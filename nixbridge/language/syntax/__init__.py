"""Nix text to syntax tree."""
