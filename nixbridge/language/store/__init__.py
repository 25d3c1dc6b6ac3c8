"""Store paths: which one Nix would give to files, texts and outputs. Nothing is ever stored."""
