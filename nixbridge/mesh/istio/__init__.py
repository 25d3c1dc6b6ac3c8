"""Istio's resources: a builder's table beside its rendering and checks."""
