"""The forms of values that several parts read: durations, quantities, modes. Patterns only; nothing is compiled on import."""

from __future__ import annotations

_NUMBER = "[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+"
#: One part of a duration of Go's: its number and its unit. (time.ParseDuration; both signs for micro)
DURATION_PART = f"({_NUMBER})(ns|us|µs|μs|ms|s|m|h)"
#: A quantity of Kubernetes: its number, and its suffix or exponent. (apimachinery pkg/api/resource)
QUANTITY = f"({_NUMBER})([numkMGTPE]|[KMGTPE]i|[eE][-+]?[0-9]+)?"
#: Modes of mutual TLS on the server's side. (istio.security.v1beta1.PeerAuthentication.MutualTLS)
MTLS_MODES = ("UNSET", "DISABLE", "PERMISSIVE", "STRICT")
