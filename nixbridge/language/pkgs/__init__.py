"""The built-in pkgs: nixpkgs' functions that write, link and fetch, as derivations whose contents are known without a store."""
