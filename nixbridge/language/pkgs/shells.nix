# Development shells. They are never entered here; what they list can be read.
{ lib, pkgs, ... }:
let
  shellWith = stdenv:
    { name ? "nix-shell", packages ? [ ], inputsFrom ? [ ], buildInputs ? [ ], nativeBuildInputs ? [ ], propagatedBuildInputs ? [ ], propagatedNativeBuildInputs ? [ ], shellHook ? "", ... }@attrs:
    let
      inherited = kind: attrs.${kind} or [ ] ++ lib.subtractLists inputsFrom (lib.concatMap (input: input.${kind} or [ ]) inputsFrom);
      rest = removeAttrs attrs [ "name" "packages" "inputsFrom" "buildInputs" "nativeBuildInputs" "propagatedBuildInputs" "propagatedNativeBuildInputs" "shellHook" ];
      hooks = lib.catAttrs "shellHook" (lib.reverseList inputsFrom ++ [ attrs ]);
    in
    stdenv.mkDerivation ({
      inherit name;
      buildInputs = inherited "buildInputs";
      nativeBuildInputs = packages ++ inherited "nativeBuildInputs";
      propagatedBuildInputs = inherited "propagatedBuildInputs";
      propagatedNativeBuildInputs = inherited "propagatedNativeBuildInputs";
      shellHook = lib.concatStringsSep "\n" hooks;
      phases = [ "buildPhase" ];
      preferLocalBuild = true;
      builder = "nixbridge:shell";
    } // rest);
in
{
  mkShell = lib.makeOverridable (shellWith pkgs.stdenv);
  mkShellNoCC = lib.makeOverridable (shellWith pkgs.stdenvNoCC);
}
