"""nixpkgs' `lib`, without nixpkgs."""
