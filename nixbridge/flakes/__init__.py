"""Flakes: references, flake.nix, lock files, sources and outputs, all from local files; only `fetch` opens a connection."""
