# What packages refer to in their meta: lib.licenses, lib.licensesSpdx, lib.platforms, lib.sourceTypes.
lib:
let
  inherit (builtins) mapAttrs;
  table = lib.internal.tables.licenses;

  # What a license expression is, where `leaf` decides about a single license.
  evaluate = leaf: permissive:
    let
      both = a: b: a && b;
      walk = license: {
        simple = leaf license;
        compound =
          if license.operator == "OR" then (if permissive then lib.any else lib.all) walk license.licenses
          else if license.operator == "AND" then (if permissive then lib.all else lib.any) walk license.licenses
          else throw "Unknown license operator";
        exception = both (walk license.license) (walk license.exception);
        plus = walk license.license;
      }.${license.licenseType} or (throw "Unknown license type or legacy license");
    in
    walk;

  operators = {
    AND = licenses: { licenseType = "compound"; operator = "AND"; inherit licenses; };
    OR = licenses: { licenseType = "compound"; operator = "OR"; inherit licenses; };
    WITH = license: exception: { licenseType = "exception"; operator = "WITH"; inherit license exception; };
    PLUS = license: { licenseType = "plus"; operator = "+"; inherit license; };
  };
  functions = rec {
    evaluateProperty = evaluate;
    evaluateNamedProperty = name: evaluate (license: license.${name});
    isFree = evaluateNamedProperty "free" true;
    isRedistributable = evaluateNamedProperty "redistributable" true;
    containsLicenses = licenses: evaluateProperty (license: builtins.elem license licenses) false;
    toSPDX = license:
      let
        inner = part: if part.licenseType == "compound" || part.licenseType == "exception" then "(${toSPDX part})" else toSPDX part;
      in
      {
        simple = license.spdxId or "LicenseRef-nixos-${license.shortName}";
        compound = lib.concatMapStringsSep " ${license.operator} " inner license.licenses;
        exception = "${inner license.license} ${license.operator} ${inner license.exception}";
        plus = "${inner license.license}${license.operator}";
      }.${license.licenseType} or (throw "Unknown license type");
  };
  licensesSpdx = lib.mapAttrs' (_: license: lib.nameValuePair license.spdxId license) (lib.filterAttrs (_: license: license ? spdxId) table);
  byLowerCase = lib.mapAttrs' (name: lib.nameValuePair (lib.toLower name)) licensesSpdx;
in
rec {
  licenses = table // operators // functions;
  inherit licensesSpdx;
  platforms = lib.systems.doubles;
  getLicenseFromSpdxIdOr = id: default: byLowerCase.${lib.toLower id} or default;
  getLicenseFromSpdxId = id: getLicenseFromSpdxIdOr id (
    lib.warn "getLicenseFromSpdxId: No license with the given SPDX ID found: ${id}" { shortName = id; spdxId = id; }
  );
  sourceTypes = mapAttrs (shortName: isSource: { inherit shortName isSource; }) {
    fromSource = true;
    binaryNativeCode = false;
    binaryBytecode = false;
    binaryFirmware = false;
    obfuscatedCode = false;
  };
}
