"""The same expression under a real Nix."""
