# lib.fileset
#
# A file set is a folder, `base`, and what is in it, `tree`: null (nothing), "directory" (everything), the type of a file, or a set from
# names to such trees. The set without a base is empty.
lib:
let
  inherit (builtins) all attrNames attrValues baseNameOf concatMap dirOf elemAt filter foldl' head isAttrs isList isPath length map mapAttrs pathExists readDir readFileType;
  inherit (lib) isFunction isStringLike;

  make = base: tree: { _type = "fileset"; inherit base tree; };
  empty = make null null;

  # Arguments

  expectSet = context: value:
    if isSet value then value
    else if !(isPath value) then throw (wrongType context value)
    else if !(pathExists value) then throw "${context} (${toString value}) is a path that does not exist.\n    To create a file set from a path that may not exist, use `lib.fileset.maybeMissing`."
    else ofPath value;
  wrongType = context: value:
    if value ? _isLibCleanSourceWith then "${context} is a `lib.sources`-based value, but it should be a file set or a path instead.\n    To convert a `lib.sources`-based value to a file set you can use `lib.fileset.fromSource`.\n    Note that this only works for sources created from paths."
    else if isStringLike value then "${context} (\"${toString value}\") is a string-like value, but it should be a file set or a path instead.\n    Paths represented as strings are not supported by `lib.fileset`, use `lib.sources` or derivations instead."
    else "${context} is of type ${builtins.typeOf value}, but it should be a file set or a path instead.";
  ofPath = path:
    let type = readFileType path; in
    if type == "directory" then make path "directory" else make (dirOf path) { ${baseNameOf path} = type; };
  isSet = value: value._type or "" == "fileset";

  # Paths and trees

  partsOf = path: lib.path.subpath.components (lib.path.splitRoot path).subpath;
  rootOf = path: (lib.path.splitRoot path).root;
  at = root: parts: foldl' (path: part: path + "/${part}") root parts;
  # The entries of a tree, read where it is a whole folder.
  entriesOf = path: tree: if tree == "directory" then readDir path else tree;
  lifted = parts: tree: if parts == [ ] then tree else { ${head parts} = lifted (builtins.tail parts) tree; };
  # The tree at a path below the base.
  lowered = path: parts: tree:
    if parts == [ ] || tree == null || (tree == "directory") then tree
    else if !(isAttrs tree) then null
    else lowered (path + "/${head parts}") (builtins.tail parts) (tree.${head parts} or null);

  unionOf = first: second:
    if first == null || second == "directory" then second
    else if second == null || !(isAttrs first) || !(isAttrs second) then first
    else first // mapAttrs (name: unionOf (first.${name} or null)) second;
  intersectionOf = path: first: second:
    if first == "directory" then second
    else if second == "directory" then first
    else if isAttrs first && isAttrs second then mapAttrs (name: intersectionOf (path + "/${name}") first.${name}) (builtins.intersectAttrs first second)
    else if first == null || second == null then null
    else first;
  differenceOf = path: first: second:
    if first == null || second == null then first
    else if second == "directory" || !(isAttrs second) then null
    else mapAttrs (name: tree: differenceOf (path + "/${name}") tree (second.${name} or null)) (entriesOf path first);

  # Two sets as trees of one base.
  together = combine: first: second:
    let
      parts = map partsOf [ first.base second.base ];
      common = lib.lists.commonPrefix (head parts) (elemAt parts 1);
      base = at (rootOf first.base) common;
      tree = set: parts: lifted (lib.drop (length common) parts) set.tree;
    in
    if rootOf first.base != rootOf second.base then throw "lib.fileset: file sets of different filesystem roots cannot be combined"
    else make base (combine base (tree first (head parts)) (tree second (elemAt parts 1)));
  union' = first: second:
    if first.base == null then second else if second.base == null then first
    else together (_: unionOf) first second;

  filesIn = path: tree:
    if tree == null then [ ]
    else if tree == "directory" || isAttrs tree then concatMap (name: filesIn (path + "/${name}") (entriesOf path tree).${name}) (attrNames (entriesOf path tree))
    else [ path ];
  hasFiles = path: tree:
    if tree == null then false
    else if tree == "directory" || isAttrs tree then lib.any (name: hasFiles (path + "/${name}") (entriesOf path tree).${name}) (attrNames (entriesOf path tree))
    else true;

  # Tracing

  isWhole = path: tree:
    tree == "directory"
    || (isAttrs tree && attrNames tree == attrNames (readDir path) && all (name: let inner = tree.${name}; in if isAttrs inner || inner == "directory" then isWhole (path + "/${name}") inner else inner != null) (attrNames tree));
  shown = indent: path: tree:
    concatMap
      (name:
        let
          inner = tree.${name};
          below = path + "/${name}";
          line = text: "${indent}- ${name}${text}";
        in
        if !(hasFiles below inner) then [ ]
        else if !(isAttrs inner) && inner != "directory" then [ (line " (${inner})") ]
        else if isWhole below inner then [ (line " (all files in directory)") ]
        else [ (line "") ] ++ shown "${indent}  " below inner)
      (attrNames tree);
  lines = set:
    if set.base == null || !(hasFiles set.base set.tree) then [ "(empty)" ]
    else if isWhole set.base set.tree then [ "${toString set.base} (all files in directory)" ]
    else [ (toString set.base) ] ++ shown "" set.base set.tree;
  # true, once every line is shown
  traced = set: foldl' (_: line: builtins.trace line true) true (lines set);

  tracked = context: options: path:
    if !(isPath path) then throw "${context} to be a path, but it's a ${builtins.typeOf path} instead."
    else if !(pathExists (path + "/.git")) then throw "${context} (${toString path}) to point to a local working tree of a Git repository, but it's not."
    else make path (mirrored (builtins.fetchGit ({ url = path; } // options)).outPath "directory");
  mirrored = path: type: if type == "directory" then mapAttrs (name: mirrored (path + "/${name}")) (readDir path) else type;
in
rec {
  inherit empty;
  isFileset = value: isSet value || (isPath value && pathExists value);
  maybeMissing = path:
    if !(isPath path) then throw (if isStringLike path then "lib.fileset.maybeMissing: Argument (\"${toString path}\") is a string-like value, but it should be a path instead." else "lib.fileset.maybeMissing: Argument is of type ${builtins.typeOf path}, but it should be a path instead.")
    else if pathExists path then ofPath path
    else empty;
  trace = set: value: let checked = expectSet "lib.fileset.trace: Argument" set; in builtins.seq (traced checked) value;
  traceVal = set: let checked = expectSet "lib.fileset.traceVal: Argument" set; in builtins.seq (traced checked) set;

  union = first: second: union' (expectSet "lib.fileset.union: First argument" first) (expectSet "lib.fileset.union: Second argument" second);
  unions = sets:
    if !(isList sets) then throw "lib.fileset.unions: Argument is of type ${builtins.typeOf sets}, but it should be a list instead."
    else foldl' union' empty (lib.imap0 (index: expectSet "lib.fileset.unions: Element ${toString index}") sets);
  intersection = first: second:
    let
      a = expectSet "lib.fileset.intersection: First argument" first;
      b = expectSet "lib.fileset.intersection: Second argument" second;
    in
    if a.base == null || b.base == null then empty else together intersectionOf a b;
  difference = positive: negative:
    let
      a = expectSet "lib.fileset.difference: First argument (positive set)" positive;
      b = expectSet "lib.fileset.difference: Second argument (negative set)" negative;
    in
    if a.base == null || b.base == null then a else together differenceOf a b;

  fileFilter = predicate: path:
    let
      file = name: type: { inherit name type; hasExt = extension: lib.hasSuffix ".${extension}" name; };
      walk = path: tree: mapAttrs
        (name: type: if type == "directory" then walk (path + "/${name}") "directory" else if predicate (file name type) then type else null)
        (readDir path);
    in
    if !(isFunction predicate) then throw "lib.fileset.fileFilter: First argument is of type ${builtins.typeOf predicate}, but it should be a function instead."
    else if !(isPath path) then throw (if isSet path then "lib.fileset.fileFilter: Second argument is a file set, but it should be a path instead.\n    If you need to filter files in a file set, use `intersection fileset (fileFilter pred ./.)` instead." else "lib.fileset.fileFilter: Second argument is of type ${builtins.typeOf path}, but it should be a path instead.")
    else if !(pathExists path) then throw "lib.fileset.fileFilter: Second argument (${toString path}) is a path that does not exist."
    else if readFileType path == "directory" then make path (walk path "directory")
    else make (dirOf path) { ${baseNameOf path} = if predicate (file (baseNameOf path) (readFileType path)) then readFileType path else null; };

  toList = set: let checked = expectSet "lib.fileset.toList: Argument" set; in if checked.base == null then [ ] else filesIn checked.base checked.tree;
  toSource = { root, fileset }:
    let
      set = expectSet "lib.fileset.toSource: `fileset`" fileset;
      parts = partsOf root;
      inside = set.base == null || lib.lists.hasPrefix parts (partsOf set.base);
      above = set.base != null && lib.lists.hasPrefix (partsOf set.base) parts;
      # the tree as seen from the root
      tree =
        if set.base == null then null
        else if inside then lifted (lib.drop (length parts) (partsOf set.base)) set.tree
        else lowered set.base (lib.drop (length (partsOf set.base)) parts) set.tree;
      outside = !inside && (!above || hasFiles set.base (differenceOf set.base set.tree (lifted (lib.drop (length (partsOf set.base)) parts) "directory")));
      prefix = builtins.stringLength (toString root) + (if toString root == "/" then 0 else 1);
      find = tree: path: names:
        if names == [ ] || tree == "directory" || !(isAttrs tree) then { inherit tree path; }
        else find (tree.${head names} or null) (path + "/${head names}") (builtins.tail names);
      keep = path: type:
        let found = find tree root (lib.splitString "/" (builtins.substring prefix (-1) path)); in
        if type == "directory" then hasFiles (root + "/${builtins.substring prefix (-1) path}") found.tree else found.tree != null;
    in
    if !(isPath root) then
      throw (if root ? _isLibCleanSourceWith then "lib.fileset.toSource: `root` is a `lib.sources`-based value, but it should be a path instead.\n    To use a `lib.sources`-based value, convert it to a file set using `lib.fileset.fromSource` and pass it as `fileset`.\n    Note that this only works for sources created from paths."
      else if isStringLike root then "lib.fileset.toSource: `root` (${toString root}) is a string-like value, but it should be a path instead.\n    Paths in strings are not supported by `lib.fileset`, use `lib.sources` or derivations instead."
      else "lib.fileset.toSource: `root` is of type ${builtins.typeOf root}, but it should be a path instead.")
    else if !(pathExists root) then throw "lib.fileset.toSource: `root` (${toString root}) is a path that does not exist."
    else if readFileType root != "directory" then throw "lib.fileset.toSource: `root` (${toString root}) is a file, but it should be a directory instead. Potential solutions:\n    - If you want to import the file into the store _without_ a containing directory, use string interpolation or `builtins.path` instead of this function.\n    - If you want to import the file into the store _with_ a containing directory, set `root` to the containing directory, such as ${toString (dirOf root)}, and set `fileset` to the file path."
    else if outside then throw "lib.fileset.toSource: `fileset` could contain files in ${toString set.base}, which is not under the `root` (${toString root}). Potential solutions:\n    - Set `root` to ${toString set.base} or any directory higher up. This changes the layout of the resulting store path.\n    - Set `fileset` to a file set that cannot contain files outside the `root` (${toString root}). This could change the files included in the result."
    else lib.sources.cleanSourceWith { name = "source"; src = root; filter = keep; };

  fromSource = source:
    let
      isFiltered = source ? _isLibCleanSourceWith;
      path = if isFiltered then source.origSrc else source;
      keep = if isFiltered then source.filter else _: _: true;
      walk = path: mapAttrs
        (name: type:
          let below = path + "/${name}"; in
          if !(keep (toString below) type) then null else if type == "directory" then walk below else type)
        (readDir path);
    in
    if !(isPath path) then
      throw (if isStringLike path then "lib.fileset.fromSource: The source origin of the argument is a string-like value (\"${toString path}\"), but it should be a path instead.\n    Sources created from paths in strings cannot be turned into file sets, use `lib.sources` or derivations instead."
      else "lib.fileset.fromSource: The source origin of the argument is of type ${builtins.typeOf path}, but it should be a path instead.")
    else if !(pathExists path) then throw "lib.fileset.fromSource: The source origin (${toString path}) of the argument is a path that does not exist."
    else if !isFiltered then ofPath path
    else if readFileType path == "directory" then make path (walk path)
    else ofPath path;

  gitTracked = tracked "lib.fileset.gitTracked: Expected the argument" { };
  gitTrackedWith = { recurseSubmodules ? false }: tracked "lib.fileset.gitTrackedWith: Expected the second argument" { submodules = recurseSubmodules; };
}
