# callPackage and its kin. An argument without a default that pkgs does not have is a package that is missing.
{ lib, pkgs, missing, ... }:
let
  inherit (builtins) attrNames filter intersectAttrs mapAttrs removeAttrs;
  functionOf = f: if lib.isFunction f then f else import f;
  argumentsFor = scope: function: args:
    let
      formals = lib.functionArgs function;
      needed = filter (name: !formals.${name} && !(scope ? ${name}) && !(args ? ${name})) (attrNames formals);
    in
    intersectAttrs formals scope // lib.genAttrs needed missing // args;
  callPackageWith = scope: f: args:
    let function = functionOf f; in
    lib.makeOverridable function (argumentsFor scope function args);
  callPackagesWith = scope: f: args:
    let
      function = functionOf f;
      given = argumentsFor scope function args;
    in
    mapAttrs (name: _: lib.makeOverridable (lib.mirrorFunctionArgs function (new: (function new).${name})) given)
      (removeAttrs (function given) [ "override" "overrideDerivation" "__functionArgs" ]);
in
{
  callPackage = callPackageWith pkgs;
  callPackages = callPackagesWith pkgs;
  newScope = extra: callPackageWith (pkgs // extra);
  makeScopeWithSplicing' = lib.makeScopeWithSplicing' { splicePackages = { pkgsHostTarget ? { }, ... }: pkgsHostTarget; inherit (pkgs) newScope; };
  inherit (lib) makeOverridable lowPrio hiPrio appendToName makeScope recurseIntoAttrs dontRecurseIntoAttrs;
}
