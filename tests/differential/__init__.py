"""Comparisons of nixbridge with a real Nix."""
