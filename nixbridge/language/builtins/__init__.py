"""The functions of `builtins`, a file a family."""
