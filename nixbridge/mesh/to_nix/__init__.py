"""The way back: YAML and JSON as Nix text, Istio's and Linkerd's resources as the builder calls that render to them."""
