"""Values to documents and back: JSON, YAML, XML, Nix."""
