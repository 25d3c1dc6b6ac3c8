"""The rules, one file per subject. Each rule is a function whose docstring documents it."""
