"""The language server: what an editor asks while a file is being typed (Language Server Protocol 3.17)."""
