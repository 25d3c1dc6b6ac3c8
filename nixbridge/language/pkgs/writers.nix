# pkgs.writers: scripts in several languages, and data files.
{ lib, pkgs, native, missing, ... }:
let
  # A name with slashes, or that begins with one, is a place in a folder.
  placed = nameOrPath: text: executable:
    let name = lib.last (builtins.split "/" nameOrPath); in
    pkgs.writeTextFile ({ inherit name text executable; } // lib.optionalAttrs (lib.hasPrefix "/" nameOrPath) { destination = nameOrPath; });
  makeScriptWriter = { interpreter, check ? "", makeWrapperArgs ? [ ] }: nameOrPath: content:
    let
      body = if builtins.isPath content || lib.isDerivation content then builtins.readFile content else content;
    in
    placed nameOrPath "#! ${interpreter}\n${body}" true;
  # A writer takes its options first, or none at all.
  flexible = interpreterOf: nameOrPath: given:
    let write = options: makeScriptWriter { interpreter = interpreterOf options; } nameOrPath; in
    if builtins.isAttrs given && !(lib.isDerivation given) then write given else write { } given;
  program = package: name: _: "${missing package}/bin/${name}";
  python = package: options: "${if options.libraries or [ ] == [ ] then missing package else missing "${package}.withPackages"}/bin/python3";
  bin = writer: name: writer "/bin/${name}";
  dataWriter = format: nameOrPath: value: (pkgs.formats.${format} { }).generate (lib.last (builtins.split "/" nameOrPath)) value;
in
{
  writers = native.open (name: missing "writers.${name}") rec {
    inherit makeScriptWriter;
    makeScript = makeScriptWriter;
    writeBash = flexible (program "bash" "bash");
    writeBashBin = bin writeBash;
    writeDash = flexible (program "dash" "dash");
    writeDashBin = bin writeDash;
    writeFish = flexible (program "fish" "fish");
    writeFishBin = bin writeFish;
    writeNu = flexible (program "nushell" "nu");
    writeNuBin = bin writeNu;
    writePython3 = flexible (python "python3");
    writePython3Bin = bin writePython3;
    writeJS = flexible (program "nodejs" "node");
    writeJSBin = bin writeJS;
    writePerl = flexible (program "perl" "perl");
    writePerlBin = bin writePerl;
    writeRuby = flexible (program "ruby" "ruby");
    writeRubyBin = bin writeRuby;
    writeLua = flexible (program "lua" "lua");
    writeLuaBin = bin writeLua;
    writeText = nameOrPath: text: placed nameOrPath text false;
    writeJSON = dataWriter "json";
    writeYAML = dataWriter "yaml";
    writeTOML = dataWriter "toml";
  };
}
