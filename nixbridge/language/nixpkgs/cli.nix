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
          format = optionFormat name;
          inherit (format) option;
          separator = format.sep;
          explicit = format.explicitBool;
          text = (format.formatArg or defaultFormat) value;
        in
        if builtins.seq explicit (isList value) then concatMap (one name) value
        else if value == null then [ ]
        else if isBool value && !explicit then (if value then [ option ] else [ ])
        else if separator == null then [ option text ]
        else [ "${option}${separator}${text}" ];
    in
    lib.lists.concatLists (lib.attrsets.mapAttrsToList one attrs);
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
