"""What went wrong, as data, and how it is told."""
