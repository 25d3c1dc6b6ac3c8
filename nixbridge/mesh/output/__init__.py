"""Records in, manifests and messages out."""
