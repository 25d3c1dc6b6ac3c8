"""The interactive prompt: expressions and commands as in `nix repl`, and the mesh's own."""
