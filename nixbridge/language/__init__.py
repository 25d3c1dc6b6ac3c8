"""Nix, the language: text to values to documents. It knows nothing of meshes, of click or of the environment."""
