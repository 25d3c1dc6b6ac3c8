"""nixbridge beside a real Nix."""
