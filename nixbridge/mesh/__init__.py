"""Service meshes: what Nixernetes' module is, and what becomes of its records."""
