"""Field tables, CRDs and JSON Schema."""
