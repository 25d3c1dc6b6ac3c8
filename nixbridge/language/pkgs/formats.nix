# pkgs.formats: a type for settings and a function that writes them, for each file format.
{ lib, pkgs, native, missing, ... }:
let
  inherit (lib) isList isString mapAttrs removeAttrs types;
  inherit (lib.generators) mkValueStringDefault toGitINI toINI toINIWithGlobalSection toKeyValue;

  described = description: type: type // { inherit description; };
  # Data as deep as it likes: null only where the format has it.
  dataType = description: nullable:
    let
      base = types.oneOf [ types.bool types.int types.float types.str types.path (types.attrsOf value) (types.listOf value) ];
      value = described description (if nullable then types.nullOr base else base);
    in
    value;
  # What Python writes from a value's JSON.
  serialized = format: name: value: pkgs.stdenvNoCC.mkDerivation {
    inherit name;
    builder = "nixbridge:serialize";
    inherit format;
    value = builtins.toJSON value;
    passAsFile = [ "value" ];
    preferLocalBuild = true;
  };
  data = format: description: nullable: { }: {
    type = dataType description nullable;
    generate = serialized format;
  };

  singleAtom = described "INI atom (null, bool, int, float or string)" (types.nullOr (types.oneOf [ types.bool types.int types.float types.str ]));
  atomOf = { listsAsDuplicateKeys, listToValue ? null, atomsCoercedToLists ? false }:
    let or' = if atomsCoercedToLists then types.coercedTo singleAtom lib.singleton else types.either singleAtom; in
    if listsAsDuplicateKeys then described "${singleAtom.description} or a list of them for duplicate keys" (or' (types.listOf singleAtom))
    else if listToValue != null then described "${singleAtom.description} or a non-empty list of them" (or' (types.nonEmptyListOf singleAtom))
    else singleAtom;
  sectionOf = atom: described "section of an INI file (attrs of ${atom.description})" (types.attrsOf atom);
  valued = listToValue: if listToValue == null then lib.id else mapAttrs (_: value: if isList value then listToValue value else value);
  forGenerator = args: removeAttrs args [ "listToValue" "atomsCoercedToLists" ];
  checkedLists = { listsAsDuplicateKeys ? false, listToValue ? null, atomsCoercedToLists ? null, ... }@args: result:
    assert listsAsDuplicateKeys -> listToValue == null;
    assert atomsCoercedToLists != null -> (listsAsDuplicateKeys || listToValue != null);
    result (atomOf { inherit listsAsDuplicateKeys listToValue; atomsCoercedToLists = atomsCoercedToLists == true; }) listToValue (forGenerator args);

  ini = { listsAsDuplicateKeys ? false, listToValue ? null, atomsCoercedToLists ? null, ... }@args:
    checkedLists args (atom: listToValue: settings: {
      type = types.attrsOf (sectionOf atom);
      lib.types.atom = atom;
      generate = name: value: pkgs.writeText name (toINI settings (mapAttrs (_: valued listToValue) value));
    });
in
{
  formats = native.open (name: missing "formats.${name}") {
    json = data "json" "JSON value" true;
    yaml = data "yaml" "YAML 1.1 value" true;
    yaml_1_1 = data "yaml" "YAML 1.1 value" true;
    yaml_1_2 = data "yaml" "YAML 1.2 value" true;
    toml = data "toml" "TOML value" false;
    cdn = data "cdn" "CDN value" true;
    inherit ini;
    systemd = ini {
      listsAsDuplicateKeys = true;
      mkKeyValue = key: value: if value == null then "# ${key} is unset" else "${key} = ${mkValueStringDefault { } value}";
    };
    iniWithGlobalSection = { listsAsDuplicateKeys ? false, listToValue ? null, atomsCoercedToLists ? null, ... }@args:
      checkedLists args (atom: listToValue: settings: {
        type = types.submodule {
          options.sections = lib.mkOption rec { type = types.attrsOf (sectionOf atom); default = { }; description = type.description; };
          options.globalSection = lib.mkOption rec { type = sectionOf atom; default = { }; description = "global ${type.description}"; };
        };
        lib.types.atom = atom;
        generate = name: { sections ? { }, globalSection ? { }, ... }: pkgs.writeText name (toINIWithGlobalSection settings {
          globalSection = valued listToValue globalSection;
          sections = mapAttrs (_: valued listToValue) sections;
        });
      });
    gitIni = { listsAsDuplicateKeys ? false, ... }:
      let atom = atomOf { inherit listsAsDuplicateKeys; }; in
      {
        type = types.attrsOf (types.attrsOf (types.either atom (types.attrsOf atom)));
        lib.types.atom = atom;
        generate = name: value: pkgs.writeText name (toGitINI value);
      };
    keyValue = { listsAsDuplicateKeys ? false, listToValue ? null, ... }@args:
      assert listsAsDuplicateKeys -> listToValue == null;
      let
        single = described "atom (null, bool, int, float or string)" singleAtom;
        atom =
          if listsAsDuplicateKeys then described "${single.description} or a list of them for duplicate keys" (types.coercedTo single lib.singleton (types.listOf single))
          else if listToValue != null then described "${single.description} or a non-empty list of them" (types.coercedTo single lib.singleton (types.nonEmptyListOf single))
          else single;
      in
      {
        type = types.attrsOf atom;
        generate = name: value: pkgs.writeText name (toKeyValue (removeAttrs args [ "listToValue" ]) (valued listToValue value));
      };
    javaProperties = { comment ? "Generated with Nix", boolToString ? lib.boolToString }:
      {
        type = types.attrsOf (types.coercedTo types.bool boolToString (types.coercedTo types.int toString (types.coercedTo types.float toString types.str)))
          // { description = "attribute set of JavaProperties values (bool, int, float or string)"; };
        generate = name: value: pkgs.stdenvNoCC.mkDerivation {
          inherit name comment;
          builder = "nixbridge:serialize";
          format = "properties";
          value = builtins.toJSON value;
        };
      };
    libconfig = { ... }: let format = data "libconfig" "libconfig value" false { }; in format // {
      lib = rec {
        mkHex = value: { _type = "hex"; inherit value; };
        mkOctal = value: { _type = "octal"; inherit value; };
        mkFloat = value: { _type = "float"; inherit value; };
        mkList = value: { _type = "list"; inherit value; };
        mkArray = value: { _type = "array"; inherit value; };
      };
    };
    hocon = { generator ? null, validator ? null, doCheck ? true }: data "hocon" "HOCON value" true { } // {
      lib = {
        mkInclude = value: { _type = "include"; value = if isString value then { value = value; required = false; type = null; } else { required = false; type = null; } // value; };
        mkAppend = value: { inherit value; _type = "append"; };
        mkSubstitution = value: { _type = "substitution"; value = if isString value then value else value.value; optional = !(isString value) && value.optional or false; };
      };
    };
    lua = { asBindings ? false, multiline ? true, columnWidth ? 100, indentWidth ? 2, indentUsingTabs ? false }: {
      type = if asBindings then types.attrsOf (dataType "lua value" true) else dataType "lua value" true;
      lib.mkRaw = lib.mkLuaInline;
      generate = name: value: pkgs.writeText name (
        if asBindings then lib.generators.toLua { inherit asBindings multiline; } value
        else "return ${lib.generators.toLua { inherit multiline; } value}\n"
      );
    };
    plist = { escape ? true }: {
      type = dataType "Property list (plist) value" false;
      generate = name: value: pkgs.writeText name (lib.generators.toPlist { inherit escape; } value);
    };
    xml = { format ? "badgerfish", withHeader ? true }: data "xml" "XML value" true { };
    pythonVars = { }: {
      type = types.attrsOf (dataType "Python value" true) // { description = "Python value"; };
      lib.mkRaw = value: { inherit value; _type = "raw"; };
      generate = serialized "python";
    };
  };
}
