# lib.filesystem
lib:
let
  inherit (builtins) attrNames baseNameOf dirOf match pathExists readDir readFileType;
in
rec {
  pathType = readFileType;
  pathIsDirectory = path: pathExists path && readFileType path == "directory";
  pathIsRegularFile = path: pathExists path && readFileType path == "regular";
  resolveDefaultNix = path:
    if pathIsDirectory path then path + "/default.nix"
    else if builtins.isString path && lib.strings.hasSuffix "/" path then path + "default.nix"
    else path;
  haskellPathsInDir = root:
    let isPackage = name: pathExists (root + "/${name}/${name}.cabal"); in
    lib.attrsets.genAttrs (builtins.filter isPackage (attrNames (readDir root))) (name: root + "/${name}");
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
  packagesFromDirectoryRecursive = { callPackage, directory, ... }@given:
    let
      entry = inside: name: type:
        let path = directory + "/${name}"; in
        if type == "directory" then { ${name} = packagesFromDirectoryRecursive (inside // { directory = path; }); }
        else if type != "regular" then throw "lib.filesystem.packagesFromDirectoryRecursive: Unsupported file type ${type} at path ${toString path}\n"
        else lib.attrsets.optionalAttrs (lib.strings.hasSuffix ".nix" name) { ${lib.strings.removeSuffix ".nix" name} = inside.callPackage path { }; };
      packages = inside: lib.attrsets.concatMapAttrs (entry inside) (readDir directory);
    in
    if pathExists (directory + "/package.nix") then callPackage (directory + "/package.nix") { }
    else if given ? newScope
    then lib.attrsets.recurseIntoAttrs (lib.customisation.makeScope given.newScope (self: packages (given // { inherit (self) callPackage newScope; })))
    else packages given;
}
