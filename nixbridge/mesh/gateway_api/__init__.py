"""VirtualServices as routes of the Kubernetes Gateway API, for Istio and for Linkerd."""
