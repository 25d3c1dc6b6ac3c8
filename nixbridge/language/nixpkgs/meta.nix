# lib.meta
lib:
let
  addMetaAttrs = attrs: package:
    if package ? overrideAttrs
    then package.overrideAttrs (old: { meta = old.meta or { } // attrs; })
    else package // { meta = package.meta or { } // attrs; };
in
rec {
  inherit addMetaAttrs;
  inherit (lib.internal.metaTables) getLicenseFromSpdxId getLicenseFromSpdxIdOr licensesSpdx;
  defaultPriority = 5;
  setPrio = priority: addMetaAttrs { inherit priority; };
  lowPrio = setPrio 10;
  hiPrio = setPrio (-10);
  lowPrioSet = mapDerivationAttrset lowPrio;
  hiPrioSet = mapDerivationAttrset hiPrio;
  dontDistribute = package: addMetaAttrs { hydraPlatforms = [ ]; } package;
  setName = name: package: package // { inherit name; };
  updateName = f: package: package // { name = f package.name; };
  appendToName = suffix: updateName (name: let parts = builtins.parseDrvName name; in "${parts.name}-${suffix}-${parts.version}");
  mapDerivationAttrset = f: builtins.mapAttrs (_: package: if lib.attrsets.isDerivation package then f package else package);
  getExe = package: getExe' package (package.meta.mainProgram or (
    lib.trivial.warn
      "getExe: Package ${lib.strings.escapeNixString package.meta.name or package.pname or package.name} does not have the meta.mainProgram attribute. We'll assume that the main program has the same name for now, but this behavior is deprecated."
      (lib.strings.getName package)
  ));
  getExe' = package: name:
    assert lib.asserts.assertMsg (lib.attrsets.isDerivation package)
      "lib.meta.getExe': The first argument is of type ${builtins.typeOf package}, but it should be a derivation instead.";
    assert lib.asserts.assertMsg (builtins.isString name)
      "lib.meta.getExe': The second argument is of type ${builtins.typeOf name}, but it should be a string instead.";
    assert lib.asserts.assertMsg (builtins.match ".*/.*" name == null)
      "lib.meta.getExe': The second argument \"${name}\" is a nested path with a \"/\" character, but it should just be the name of the executable instead.";
    "${lib.attrsets.getBin package}/bin/${name}";
  cpeFullVersionWithVendor = vendor: version: { inherit vendor version; update = "*"; };
  platformMatch = platform: pattern:
    if builtins.isString pattern then platform.system or null == pattern
    else lib.attrsets.matchAttrs (if pattern ? parsed then pattern else { parsed = pattern; }) platform;
  availableOn = platform: package:
    let matches = builtins.any (platformMatch platform); in
    (!(package ? meta.platforms) || matches package.meta.platforms) && !(matches package.meta.badPlatforms or [ ]);
}
