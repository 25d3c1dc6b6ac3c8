# lib.cli: sets to command line arguments.
lib:
let
  inherit (builtins) isBool isList isString stringLength;
  inherit (lib.lists) concatMap;

  defaultFormat = lib.generators.mkValueStringDefault { };
  arguments = optionFormat: attrs:
    let
      one = name: value:
        let
          # a function of formals, so that a format with other names is an error
          written = { option, sep, explicitBool, formatArg ? defaultFormat }:
            if value == null || (!explicitBool && value == false) then [ ]
            else if !explicitBool && value == true then [ option ]
            else if sep == null then [ option (formatArg value) ]
            else [ "${option}${sep}${formatArg value}" ];
        in
        written (optionFormat name);
      all = name: value:
        if name == "" then throw "lib.cli.toCommandLine only accepts non-empty option names."
        else if isList value then concatMap (one name) value
        else one name value;
    in
    lib.lists.concatLists (lib.attrsets.mapAttrsToList all attrs);
  gnu = { isLong ? (name: stringLength name > 1), explicitBool ? false, formatArg ? defaultFormat }: name:
    let long = isLong name; in
    { option = if long then "--${name}" else "-${name}"; sep = if long then "=" else ""; inherit explicitBool formatArg; };
in
rec {
  toCommandLine = arguments;
  toCommandLineGNU = options: arguments (gnu options);
  toCommandLineShell = optionFormat: attrs: lib.strings.escapeShellArgs (toCommandLine optionFormat attrs);
  toCommandLineShellGNU = options: attrs: lib.strings.escapeShellArgs (toCommandLineGNU options attrs);
  toGNUCommandLineShell = options: attrs:
    lib.trivial.warn "lib.cli.toGNUCommandLineShell is deprecated, please use lib.cli.toCommandLineShell or lib.cli.toCommandLineShellGNU instead."
      (lib.strings.escapeShellArgs (old options attrs));
  toGNUCommandLine = options: attrs:
    lib.trivial.warn "lib.cli.toGNUCommandLine is deprecated, please use lib.cli.toCommandLine or lib.cli.toCommandLineGNU instead."
      (old options attrs);
  old =
    { mkOptionName ? (name: if stringLength name == 1 then "-${name}" else "--${name}")
    , mkBool ? (name: value: lib.lists.optional value (mkOptionName name))
    , mkList ? (name: value: lib.lists.concatMap (mkOption name) value)
    , mkOption ? (name: value:
        if value == null then [ ]
        else if optionValueSeparator == null then [ (mkOptionName name) (defaultFormat value) ]
        else [ "${mkOptionName name}${optionValueSeparator}${defaultFormat value}" ])
    , optionValueSeparator ? null
    }: attrs:
    let one = name: value: if isBool value then mkBool name value else if isList value then mkList name value else mkOption name value; in
    lib.lists.concatLists (lib.attrsets.mapAttrsToList one attrs);
}
