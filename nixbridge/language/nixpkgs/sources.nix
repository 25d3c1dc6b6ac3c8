# lib.sources
lib:
let
  inherit (builtins) any baseNameOf elem elemAt filter head isString length match split;
  inherit (lib) hasPrefix hasSuffix removePrefix;

  # A source is a path, or the set that a filter made of one.
  partsOf = src:
    if src ? _isLibCleanSourceWith then { inherit (src) origSrc filter name; }
    else { origSrc = src; filter = _: _: true; name = "source"; };
  sourceOf = { origSrc, filter, name }: {
    _isLibCleanSourceWith = true;
    inherit origSrc filter name;
    outPath = builtins.path { inherit filter name; path = origSrc; };
  };
  rootOf = src: toString (partsOf src).origSrc;

  versionControl = [ ".svn" "CVS" ".hg" ".jj" ".pijul" "_darcs" ];

  # Git

  commitOf = gitFolder:
    let
      absolute = base: path: if hasPrefix "/" path then path else if hasPrefix "/" base then "${base}/${path}" else "/${base}/${path}";
      isFile = lib.filesystem.pathIsRegularFile;
      read = file: path:
        let
          reference = path + "/${file}";
          packed = path + "/packed-refs";
        in
        if isFile path then ofWorkTree file path
        else if isFile reference then
          let
            text = lib.fileContents reference;
            target = match "^ref: (.*)$" text;
          in
          if target == null then { value = text; } else read (head target) path
        else if isFile packed then
          let found = filter (line: line != null) (map (match "([a-z0-9]+) ${file}") (filter isString (split "\n" (builtins.readFile packed)))); in
          if found == [ ] then { error = "Could not find " + file + " in " + packed; } else { value = head (head found); }
        else { error = "Not a .git directory: " + toString path; };
      # a work tree has a file that names the repository's folder
      ofWorkTree = file: path:
        let
          pointer = match "^gitdir: (.*)$" (lib.fileContents path);
          folder = absolute (dirOf path) (head pointer);
          common = absolute folder (lib.removeSuffix "/" (if isFile "${folder}/commondir" then lib.fileContents "${folder}/commondir" else folder));
        in
        if pointer == null then { error = "File contains no gitdir reference: " + path; }
        else read (removePrefix "${common}/" "${folder}/${file}") common;
    in
    read "HEAD" gitFolder;

  # Globs: `*` within a part of a path, `**` over any number of parts.

  partsOfPath = path: filter isString (split "/" path);
  regexOf = part:
    if part == "**" then "**"
    else lib.concatMapStrings (piece: if isString piece then lib.escapeRegex piece else "[^/]*") (split "\\*+" part);
  matcherOf = glob:
    let
      globs = map regexOf (partsOfPath glob);
      fits = index: part: match (elemAt globs index) part != null;
      from = index: parts: type:
        if parts == [ ] then index >= length globs || type == "directory" || type == "symlink"
        else if index >= length globs then false
        else if elemAt globs index == "**" then
          index + 1 == length globs
          || (if elemAt globs (index + 1) != "**" && fits (index + 1) (head parts) then from (index + 1) parts type else from index (builtins.tail parts) type)
        else fits index (head parts) && from (index + 1) (builtins.tail parts) type;
    in
    path: from 0 (partsOfPath path);
in
rec {
  inherit (builtins) filterSource;
  cleanSourceFilter = path: type:
    let name = baseNameOf (toString path); in
    !(name == ".git"
      || (type == "directory" && elem name versionControl)
      || hasSuffix "~" name
      || match "^\\.sw[a-z]$" name != null
      || match "^\\..*\\.sw[a-z]$" name != null
      || hasSuffix ".o" name
      || hasSuffix ".so" name
      || (type == "symlink" && hasPrefix "result" name)
      || type == "unknown");
  cleanSource = src: cleanSourceWith { inherit src; filter = cleanSourceFilter; };
  cleanSourceWith = { src, filter ? (_: _: true), name ? null }:
    let before = partsOf src; in
    sourceOf {
      inherit (before) origSrc;
      filter = path: type: filter path type && before.filter path type;
      name = if name != null then name else before.name;
    };
  trace = src:
    let before = partsOf src; in
    sourceOf (before // {
      filter = path: type:
        let kept = before.filter path type; in
        builtins.trace "${before.name}.filter ${path} = ${lib.boolToString kept}" kept;
    }) // { satisfiesSubpathInvariant = src.satisfiesSubpathInvariant or false; };
  sourceByRegex = src: regexes: cleanSourceWith {
    inherit src;
    filter = path: _: let name = removePrefix "${rootOf src}/" (toString path); in any (regex: match regex name != null) regexes;
  };
  sourceByGlobs = src: globs:
    let matchers = map matcherOf globs; in
    cleanSourceWith { inherit src; filter = path: type: any (matches: matches (removePrefix "${toString src}/" path) type) matchers; };
  sourceFilesBySuffices = src: suffixes: cleanSourceWith {
    inherit src;
    filter = path: type: type == "directory" || any (suffix: hasSuffix suffix (baseNameOf path)) suffixes;
  };
  pathIsGitRepo = path: commitOf path ? value;
  commitIdFromGitRepo = path: let found = commitOf path; in found.value or (throw found.error);
  pathHasContext = builtins.hasContext;
  canCleanSource = src: src ? _isLibCleanSourceWith || !(pathHasContext (toString src));
  urlToName = url:
    let
      base = baseNameOf (lib.removeSuffix "/" (lib.last (lib.splitString ":" (toString url))));
      shortened = name: let found = match "(.*)\\.(git|tar|zip|gz|tgz|bz|tbz|bz2|tbz2|lzma|txz|xz|zstd)$" name; in if found == null then name else shortened (head found);
    in
    shortened base;
  shortRev = rev:
    let
      base = baseNameOf (toString rev);
      version = match "([A-Za-z]+[-_. ]?)*(v)?([0-9.]+.*)" base;
    in
    if match "[a-f0-9]+" base != null then builtins.substring 0 7 base
    else if version != null then lib.last version
    else base;
  revOrTag = rev: tag: if tag != null then tag else if rev != null then rev else "HEAD";
  repoRevToName = kind:
    let
      full = repo: rev: suffix: "${urlToName repo}${lib.optionalString (rev != null) "-${shortRev rev}"}${lib.optionalString (suffix != null) "-${suffix}"}-source";
    in
    {
      source = _: _: _: "source";
      versioned = repo: rev: _: full repo rev null;
      inherit full;
    }.${kind} or (throw "repoRevToName: invalid kind");
}
