# lib.path: paths, part by part.
lib:
let
  inherit (builtins) concatStringsSep elem elemAt filter head isPath isString length split storeDir substring toString typeOf;
  inherit (lib.asserts) assertMsg;
  inherit (lib.lists) sublist take;

  # why a text is no subpath; null when it is one
  fault = value:
    if !isString value then "The given value is of type ${typeOf value}, but a string was expected"
    else if value == "" then "The given string is empty"
    else if substring 0 1 value == "/" then "The given string \"${value}\" starts with a `/`, representing an absolute path"
    else if elem ".." (parts value) then "The given string \"${value}\" contains a `..` component, which is not allowed in subpaths"
    else null;
  parts = text: filter (part: isString part && part != "" && part != ".") (split "/+" text);
  joined = components: "./" + (if components == [ ] then "." else concatStringsSep "/" components);
  checked = name: value:
    assert assertMsg (fault value == null) "${name}: Argument is not a valid subpath string:\n    ${fault value}";
    value;

  components = path: parts (toString path);
  root = /.;
  mustBePath = name: which: value:
    assertMsg (isPath value) "${name}: The ${which} argument is of type ${typeOf value}, but a path was expected";
  begins = first: second: take (length first) second == first;
  isStoreName = name: builtins.match "[0-9a-z]{32}-.+" name != null || builtins.match "[0-9a-df-np-sv-z]{52}" name != null;
  storeParts = parts storeDir;
in
{
  append = path: subpath:
    assert mustBePath "lib.path.append" "first" path;
    assert assertMsg (fault subpath == null) "lib.path.append: Second argument is not a valid subpath string:\n    ${fault subpath}";
    path + ("/" + subpath);

  hasPrefix = first:
    assert mustBePath "lib.path.hasPrefix" "first" first;
    second:
    assert mustBePath "lib.path.hasPrefix" "second" second;
    begins (components first) (components second);

  removePrefix = first:
    assert mustBePath "lib.path.removePrefix" "first" first;
    second:
    assert mustBePath "lib.path.removePrefix" "second" second;
    let a = components first; b = components second; in
    assert assertMsg (begins a b)
      "lib.path.removePrefix: The first path argument \"${toString first}\" is not a component-wise prefix of the second path argument \"${toString second}\".";
    joined (sublist (length a) (length b) b);

  splitRoot = path:
    assert mustBePath "lib.path.splitRoot" "given" path;
    { inherit root; subpath = joined (components path); };

  hasStorePathPrefix = path:
    assert mustBePath "lib.path.hasStorePathPrefix" "given" path;
    let all = components path; size = length storeParts; in
    begins storeParts all && length all > size && isStoreName (elemAt all size);

  subpath = {
    isValid = value: fault value == null;
    join = list:
      joined (lib.lists.concatLists (lib.lists.imap0
        (number: value:
          assert assertMsg (fault value == null)
            "lib.path.subpath.join: Element at index ${toString number} is not a valid subpath string:\n    ${fault value}";
          parts value)
        list));
    components = value: parts (checked "lib.path.subpath.components" value);
    normalise = value: joined (parts (checked "lib.path.subpath.normalise" value));
  };
}
