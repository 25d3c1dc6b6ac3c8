"""A tree of Nix as a tree of YAML, JSON or manifests."""
