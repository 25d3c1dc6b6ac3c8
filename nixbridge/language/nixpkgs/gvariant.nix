# lib.gvariant: values with a type, as dconf keeps them.
lib:
let
  inherit (builtins) concatStringsSep elemAt head isBool isFloat isInt isList isString length map replaceStrings toString;

  type = {
    arrayOf = element: "a${element}";
    maybeOf = element: "m${element}";
    tupleOf = elements: "(${lib.strings.concatStrings elements})";
    dictionaryEntryOf = name: value: "{${name}${value}}";
    string = "s";
    boolean = "b";
    uchar = "y";
    int16 = "n";
    uint16 = "q";
    int32 = "i";
    uint32 = "u";
    int64 = "x";
    uint64 = "t";
    double = "d";
    variant = "v";
  };
  isGVariant = value: lib.types.isType "gvariant" value;
  make = type: value: show: { _type = "gvariant"; inherit type value; __toString = show; };
  tagged = type: value: make type value (self: "@${self.type} ${toString self.value}");

  mkValue = value:
    if isBool value then mkBoolean value
    else if isFloat value then mkDouble value
    else if isString value then mkString value
    else if isList value then mkArray value
    else if isGVariant value then value
    else if isInt value then throw "The GVariant type for number “${toString value}” is unclear.\nPlease wrap the value with one of the following, depending on the value type:\n${lib.strings.concatMapStringsSep "\n" (one: "- `lib.gvariant.${one.name} ${toString value}`") intConstructors}"
    else if builtins.isAttrs value then throw "Cannot construct GVariant value from an attribute set. If you want to construct a dictionary, you will need to create an array containing items constructed with `lib.gvariant.mkDictionaryEntry`."
    else throw "The GVariant type of “${builtins.typeOf value}” can't be inferred.";

  mkBoolean = value: make type.boolean value (self: if self.value then "true" else "false");
  mkString = value: make type.string value (self: "'${replaceStrings [ "\n" ] [ "\\n" ] (lib.strings.escape [ "'" "\\" ] self.value)}'");
  mkDouble = value: make type.double value (self: toString self.value);
  mkInt32 = value: make type.int32 value (self: toString self.value);

  sameType = elements:
    let types = lib.lists.unique (map (element: element.type) elements); in
    if length types == 1 then head types else throw "Elements in a list should have same type: ${concatStringsSep ", " types}";
  shown = elements: concatStringsSep "," (map toString elements);
  mkArray = list:
    let elements = map mkValue list; in
    if list == [ ] then throw "Please create empty array with mkEmptyArray."
    else make (type.arrayOf (sameType elements)) elements (self: "@${self.type} [${shown self.value}]");
  mkMaybe = elemType: value:
    make (type.maybeOf elemType) value (self: if self.value == null then "@${self.type} nothing" else "just ${toString self.value}");

  intConstructors = [
    { name = "mkInt32"; type = type.int32; min = -2147483648; max = 2147483647; }
    { name = "mkUint32"; type = type.uint32; min = 0; max = 4294967295; }
    { name = "mkInt64"; type = type.int64; min = null; max = null; }
    { name = "mkUint64"; type = type.uint64; min = 0; max = null; }
    { name = "mkInt16"; type = type.int16; min = -32768; max = 32767; }
    { name = "mkUint16"; type = type.uint16; min = 0; max = 65535; }
    { name = "mkUchar"; type = type.uchar; min = 0; max = 255; }
  ];
in
{
  inherit intConstructors isGVariant mkArray mkBoolean mkDouble mkInt32 mkMaybe mkString mkValue type;
  mkEmptyArray = elemType: make (type.arrayOf elemType) [ ] (self: "@${self.type} []");
  mkVariant = value: make type.variant (mkValue value) (self: "<${toString self.value}>");
  mkDictionaryEntry = name: value:
    let key = mkValue name; item = mkValue value; in
    make (type.dictionaryEntryOf key.type item.type) { name = key; value = item; } (self: "@${self.type} {${toString self.value.name},${toString self.value.value}}");
  mkNothing = elemType: mkMaybe elemType null;
  mkJust = value: let inner = mkValue value; in mkMaybe inner.type inner;
  mkTuple = list: let elements = map mkValue list; in make (type.tupleOf (map (element: element.type) elements)) elements (self: "@${self.type} (${shown self.value})");
  mkObjectpath = value: make type.string value (self: "objectpath '${lib.strings.escape [ "'" ] self.value}'");
  mkUchar = tagged type.uchar;
  mkInt16 = tagged type.int16;
  mkUint16 = tagged type.uint16;
  mkUint32 = tagged type.uint32;
  mkInt64 = tagged type.int64;
  mkUint64 = tagged type.uint64;
}
