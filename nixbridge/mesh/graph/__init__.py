"""The traffic of a mesh as a graph: hosts, routes, subsets, policies, mutual TLS and external services."""
