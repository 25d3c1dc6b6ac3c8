"""The values of Nix and what its operators do with them."""
