# Functions that write text, link and copy. `builder` names what makes the outputs, in nixbridge's own terms.
{ lib, pkgs, ... }:
let
  inherit (builtins) attrNames baseNameOf isAttrs isList isString map removeAttrs;
  inherit (pkgs) runtimeShell;
  make = pkgs.stdenvNoCC.mkDerivation;
  shebang = "#!${runtimeShell}\n";

  # linkFarm takes a list of { name, path } or a set; of two entries with one name the last one counts.
  entriesOf = entries:
    if isList entries then builtins.foldl' (links: entry: links // { ${entry.name} = entry.path; }) { } entries
    else if isAttrs entries then entries
    else throw "linkFarm entries must be either attrs or a list!";
in
rec {
  runCommandWith = { stdenv ? pkgs.stdenv, runLocal ? false, derivationArgs ? { }, name }: buildCommand:
    stdenv.mkDerivation ({
      enableParallelBuilding = true;
      inherit buildCommand name;
      passAsFile = [ "buildCommand" ] ++ derivationArgs.passAsFile or [ ];
    } // lib.optionalAttrs runLocal { preferLocalBuild = true; allowSubstitutes = false; }
    // removeAttrs derivationArgs [ "passAsFile" ]);
  runCommand = name: env: runCommandWith { inherit name; stdenv = pkgs.stdenvNoCC; derivationArgs = env; };
  runCommandLocal = name: env: runCommandWith { inherit name; stdenv = pkgs.stdenvNoCC; runLocal = true; derivationArgs = env; };
  runCommandCC = name: env: runCommandWith { inherit name; stdenv = pkgs.stdenv; derivationArgs = env; };
  runCommandNoCC = runCommand;
  runCommandNoCCLocal = runCommandLocal;

  writeTextFile =
    { name, text, executable ? false, destination ? "", checkPhase ? "", meta ? { }, passthru ? { }, allowSubstitutes ? false, preferLocalBuild ? true, derivationArgs ? { } }:
    assert lib.assertMsg (destination != "" -> (lib.hasPrefix "/" destination && destination != "/"))
      "destination must be an absolute path, relative to the derivation's out path,\ngot '${destination}' instead.\n\nEnsure that the path starts with a / and specifies at least the filename.\n";
    let program = builtins.match "/bin/([^/]+)" destination; in
    make ({
      inherit name text executable destination checkPhase allowSubstitutes preferLocalBuild;
      builder = "nixbridge:text";
      passAsFile = [ "text" ] ++ derivationArgs.passAsFile or [ ];
      meta = lib.optionalAttrs (executable && program != null) { mainProgram = builtins.head program; } // meta // derivationArgs.meta or { };
      passthru = passthru // derivationArgs.passthru or { };
    } // removeAttrs derivationArgs [ "passAsFile" "meta" "passthru" ]);

  writeText = name: text:
    assert lib.assertMsg (lib.strings.isConvertibleWithToString text)
      "pkgs.writeText ${lib.strings.escapeNixString name}: The second argument should be a string, but it's a ${builtins.typeOf text} instead.";
    lib.warnIf (!isString text)
      "pkgs.writeText ${lib.strings.escapeNixString name}: The second argument should be a string, but it's a ${builtins.typeOf text} instead, which is deprecated. Use `toString` to convert the value to a string first."
      writeTextFile
      { inherit name text; };
  writeTextDir = path: text: writeTextFile { inherit text; name = baseNameOf path; destination = "/${path}"; };
  writeScript = name: text: writeTextFile { inherit name text; executable = true; };
  writeScriptBin = name: text: writeTextFile { inherit name text; executable = true; destination = "/bin/${name}"; };
  writeShellScript = name: text: writeTextFile { inherit name; executable = true; text = "${shebang}${text}\n"; };
  writeShellScriptBin = name: text: writeTextFile {
    inherit name;
    executable = true;
    destination = "/bin/${name}";
    text = "${shebang}${text}\n";
    meta.mainProgram = name;
  };
  writeShellApplication =
    { name, text, runtimeInputs ? [ ], runtimeEnv ? null, meta ? { }, passthru ? { }, checkPhase ? null, excludeShellChecks ? [ ], extraShellCheckFlags ? [ ], bashOptions ? [ "errexit" "nounset" "pipefail" ], derivationArgs ? { }, inheritPath ? true }:
    writeTextFile {
      inherit name meta passthru derivationArgs;
      executable = true;
      destination = "/bin/${name}";
      allowSubstitutes = true;
      preferLocalBuild = false;
      checkPhase = if checkPhase == null then "" else checkPhase;
      text = shebang
        + lib.concatMapStringsSep "\n" (option: "set -o ${option}") bashOptions + "\n"
        + lib.optionalString (runtimeEnv != null) (lib.concatStrings (lib.mapAttrsToList (name: value: "${lib.toShellVar name value}\nexport ${name}\n") runtimeEnv))
        + lib.optionalString (runtimeInputs != [ ]) "\nexport PATH=\"${lib.makeBinPath runtimeInputs}${lib.optionalString inheritPath ":$PATH"}\"\n"
        + "\n${text}\n";
    };

  concatTextFile = { name, files, executable ? false, destination ? "", checkPhase ? "", meta ? { }, passthru ? { } }:
    make { inherit name files executable destination checkPhase meta passthru; builder = "nixbridge:concat"; };
  concatText = name: files: concatTextFile { inherit name files; };
  concatScript = name: files: concatTextFile { inherit name files; executable = true; };

  linkFarm = name: entries:
    let links = entriesOf entries; in
    make {
      inherit name;
      builder = "nixbridge:links";
      linkNames = attrNames links;
      linkTargets = map (link: "${links.${link}}") (attrNames links);
      passthru.entries = links;
    };
  linkFarmFromDrvs = name: derivations: linkFarm name (map (drv: { inherit (drv) name; path = drv; }) derivations);

  symlinkJoin = { name ? "${args.pname}-${args.version}", paths ? [ ], stripPrefix ? "", preferLocalBuild ? true, allowSubstitutes ? false, postBuild ? "", failOnMissing ? stripPrefix == "", ... }@args:
    assert lib.assertMsg (stripPrefix == "" || (lib.hasPrefix "/" stripPrefix && stripPrefix != "/"))
      "stripPrefix must be either an empty string (disable stripping behavior), or relative path prefixed with /.\n\nEnsure that the path starts with / and specifies path to the subdirectory.\n";
    make (removeAttrs args [ "postBuild" ] // {
      inherit name paths stripPrefix postBuild failOnMissing;
      builder = "nixbridge:join";
    });
  buildEnv = lib.makeOverridable ({ name ? "${args.pname}-${args.version}", paths ? [ ], pathsToLink ? [ "/" ], extraPrefix ? "", ignoreCollisions ? false, checkCollisionContents ? true, postBuild ? "", passthru ? { }, meta ? { }, derivationArgs ? { }, ... }@args:
    make (derivationArgs // {
      inherit name paths pathsToLink extraPrefix postBuild passthru meta;
      ignoreCollisions = if builtins.isBool ignoreCollisions then ignoreCollisions else ignoreCollisions != 0;
      builder = "nixbridge:join";
    }));

  emptyFile = make { name = "empty-file"; builder = "nixbridge:text"; text = ""; outputHash = "0ip26j2h11n1kgkz36rl4akv694yz65hr72q4kv4b3lxcbi65b3p"; outputHashMode = "recursive"; outputHashAlgo = "sha256"; };
  emptyDirectory = make { name = "empty-directory"; builder = "nixbridge:links"; linkNames = [ ]; linkTargets = [ ]; outputHash = "0sjjj9z1dhilhpc8pq4154czrb79z9cm044jvn75kxcjv6v5l2m5"; outputHashMode = "recursive"; outputHashAlgo = "sha256"; };

  srcOnly = args: let drv = if args ? src && !(args ? drvAttrs) then pkgs.stdenv.mkDerivation args else args; in
    make { name = "${drv.name}-source"; builder = "nixbridge:copy"; src = drv.src; };
  applyPatches = { src, patches ? [ ], name ? "patched-source", ... }@args:
    make (args // { inherit name src patches; builder = if patches == [ ] then "nixbridge:copy" else "nixbridge:patch"; });

  writeReferencesToFile = path: make { name = "runtime-deps"; builder = "nixbridge:closure"; exportReferences = path; };
  writeClosure = paths: make { name = "runtime-deps"; builder = "nixbridge:closure"; inherit paths; };
}
