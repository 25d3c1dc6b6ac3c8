"""The project that a file belongs to: its root, its settings, its sources and its environments."""
