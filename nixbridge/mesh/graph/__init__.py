"""The traffic of a mesh as a picture: hosts, routes, subsets, policies, mTLS and what is outside."""
