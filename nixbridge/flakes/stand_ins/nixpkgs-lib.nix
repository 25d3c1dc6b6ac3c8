# nixpkgs' lib alone.
{ lib, ... }: { ... }: { inherit lib; }
