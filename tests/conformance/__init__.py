"""The conformance corpus of fixtures/: what a real Nix says, as files and rows."""
