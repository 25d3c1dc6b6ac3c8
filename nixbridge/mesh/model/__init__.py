"""Resources with their source positions, and the types that all parts of rendering share."""
