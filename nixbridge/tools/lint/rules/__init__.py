"""The rules, a file a subject; each rule is a function, what it explains is its docstring."""
