"""Work with evaluated files: inputs, golden checks, lint, migration, parity."""
