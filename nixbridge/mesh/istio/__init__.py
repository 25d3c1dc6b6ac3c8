"""Istio's resources: for each builder, its table, rendering and checks."""
