"""Builder records to the manifests that a cluster accepts."""
