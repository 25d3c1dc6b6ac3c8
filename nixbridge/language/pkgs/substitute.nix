# Text files with names replaced by values.
{ lib, pkgs, ... }:
let
  make = pkgs.stdenvNoCC.mkDerivation;
  nameOf = src: builtins.unsafeDiscardStringContext (if builtins.isPath src || !(lib.isDerivation src) then builtins.baseNameOf (toString src) else src.name);
  # `@name@` becomes the text; `null` leaves it as it stands.
  replaceVarsWith = { src, replacements, dir ? null, isExecutable ? false, ... }@args:
    let
      given = lib.filterAttrs (_: value: value != null) replacements;
      name = args.name or (nameOf src);
    in
    make (removeAttrs args [ "replacements" "dir" "isExecutable" ] // {
      inherit name;
      builder = "nixbridge:substitute";
      from = map (name: "@${name}@") (builtins.attrNames given);
      to = map (name: "${toString given.${name}}") (builtins.attrNames given);
      kept = map (name: "@${name}@") (builtins.attrNames (lib.filterAttrs (_: value: value == null) replacements));
      strict = true;
      executable = isExecutable;
      destination = if dir == null then "" else "/${dir}/${name}";
    });
  variables = args: lib.filterAttrs (name: value: builtins.match "[a-z][a-zA-Z0-9_]*" name != null && (builtins.isString value || builtins.isInt value || builtins.isBool value || builtins.isPath value || lib.isDerivation value)) args;
in
{
  inherit replaceVarsWith;
  replaceVars = src: replacements: replaceVarsWith { inherit src replacements; };
  substituteAll = { src, name ? nameOf src, dir ? null, isExecutable ? false, ... }@args:
    let values = variables args; in
    make (args // {
      inherit name;
      builder = "nixbridge:substitute";
      from = map (name: "@${name}@") (builtins.attrNames values);
      to = map (name: "${toString values.${name}}") (builtins.attrNames values);
      kept = [ ];
      strict = false;
      executable = isExecutable;
      destination = if dir == null then "" else "/${dir}/${name}";
    });
  substitute = { src, substitutions ? [ ], replacements ? [ ], name ? nameOf src, ... }@args:
    let
      flags = if substitutions != [ ] then map toString substitutions else lib.concatMap (text: lib.filter builtins.isString (builtins.split " +" text)) replacements;
      pairs = flags:
        if flags == [ ] then [ ]
        else if lib.hasPrefix "--replace" (lib.head flags) then [ { from = lib.elemAt flags 1; to = lib.elemAt flags 2; } ] ++ pairs (lib.drop 3 flags)
        else if lib.head flags == "--subst-var-by" then [ { from = "@${lib.elemAt flags 1}@"; to = lib.elemAt flags 2; } ] ++ pairs (lib.drop 3 flags)
        else throw "pkgs.substitute: '${lib.head flags}' is not supported by the built-in pkgs; use --replace-fail or --subst-var-by";
      all = pairs flags;
    in
    make (removeAttrs args [ "substitutions" "replacements" ] // {
      inherit name;
      builder = "nixbridge:substitute";
      from = map (pair: pair.from) all;
      to = map (pair: pair.to) all;
      kept = [ ];
      strict = builtins.elem "--replace-fail" flags;
      executable = false;
      destination = "";
    });
}
