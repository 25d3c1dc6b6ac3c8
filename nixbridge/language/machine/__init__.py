"""The only door from an expression to the machine: files, allowed paths, search path, messages."""
