"""What is done with an evaluated file: inputs, golden checks, lint, migration, parity."""
