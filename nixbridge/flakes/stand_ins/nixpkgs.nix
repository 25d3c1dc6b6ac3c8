# nixpkgs: the built-in lib, and the built-in pkgs for each system.
{ lib, nixpkgs, ... }:
{ ... }:
let
  # the systems that nixpkgs' own flake has
  systems = [
    "aarch64-darwin" "aarch64-linux" "armv6l-linux" "armv7l-linux" "i686-linux" "powerpc64le-linux" "riscv64-linux"
    "x86_64-darwin" "x86_64-freebsd" "x86_64-linux"
  ];
in
{
  lib = lib // {
    nixosSystem = _: throw "nixpkgs.lib.nixosSystem is not built in: give a real nixpkgs with --input nixpkgs=DIR";
  };
  legacyPackages = lib.genAttrs systems (system: nixpkgs { inherit system; });
  nixosModules = { };
}
