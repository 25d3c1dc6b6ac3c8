# lib.filesystem
lib:
let
  inherit (builtins) attrNames baseNameOf dirOf match pathExists readDir readFileType;
in
rec {
  pathType = readFileType;
  pathIsDirectory = path: pathExists path && readFileType path == "directory";
  pathIsRegularFile = path: pathExists path && readFileType path == "regular";
  resolveDefaultNix = path: if pathIsDirectory path then path + "/default.nix" else path;
  listFilesRecursive = path:
    let entries = readDir path; in
    lib.lists.concatMap
      (name: if entries.${name} == "directory" then listFilesRecursive (path + "/${name}") else [ (path + "/${name}") ])
      (attrNames entries);
  locateDominatingFile = pattern: path:
    let
      go = folder:
        let
          matches = builtins.filter (found: found != null) (map (match pattern) (attrNames (readDir folder)));
          above = dirOf folder;
        in
        if matches != [ ] then { path = folder; inherit matches; }
        else if above == folder then null
        else go above;
    in
    go (if pathIsDirectory path then path else dirOf path);
  packagesFromDirectoryRecursive = { callPackage, directory, newScope ? null, ... }@given:
    let
      entries = readDir directory;
      isPackage = name: entries.${name} == "regular" && lib.strings.hasSuffix ".nix" name;
      scoped = attrs: attrs;
      entry = name:
        if entries.${name} == "directory" then [ { inherit name; value = packagesFromDirectoryRecursive (given // { directory = directory + "/${name}"; }); } ]
        else if isPackage name then [ { name = lib.strings.removeSuffix ".nix" name; value = callPackage (directory + "/${name}") { }; } ]
        else [ ];
    in
    if entries ? "package.nix" && entries."package.nix" == "regular" then callPackage (directory + "/package.nix") { }
    else scoped (builtins.listToAttrs (lib.lists.concatMap entry (attrNames entries)));
}
