# lib.systems, from tables of what each system is (data/systems.json).
lib:
let
  inherit (builtins) attrNames attrValues elemAt filter head isAttrs isList length listToAttrs mapAttrs;
  inherit (lib) genAttrs hasPrefix optionalAttrs types;
  table = lib.internal.tables.systems;

  # Elaborated systems

  functionNames = [ "canExecute" "emulator" "emulatorAvailable" "staticEmulatorAvailable" ];
  known = { x86_64-linux = table.base; } // mapAttrs (_: other: removeAttrs table.base other.absent // other.changed) table.others;
  # A system that is not in the table, such as one of another vendor, is the one with the same double, but for its names.
  entryOf = name:
    known.${name} or (
      let
        parsed = parse.mkSystemFromString name;
        double = parse.doubleFromSystem parsed;
        config = parse.tripleFromSystem parsed;
        near = known.${config} or known.${double} or (throw "lib.systems.elaborate: '${name}' is not a system that the built-in lib knows; use the real one with --lib DIR");
      in
      near // { inherit parsed config; system = double; rust = rustFor parsed.vendor.name near; }
    );
  # Rust names a target by its vendor.
  rustFor = vendor: near:
    let
      shown = { w64 = "pc"; }.${vendor} or vendor;
      renamed = builtins.replaceStrings [ "-${near.rust.platform.vendor}-" ] [ "-${shown}-" ];
      target = renamed near.rust.rustcTargetSpec;
    in
    near.rust // {
      platform = near.rust.platform // { vendor = shown; };
      rustcTargetSpec = target;
      rustcTarget = target;
      cargoShortTarget = target;
      cargoEnvVarTarget = lib.replaceString "-" "_" (lib.toUpper target);
    };
  systemToAttrs = system: if isAttrs system then system else { inherit system; };
  elaborate = systemOrArgs:
    let
      given = systemToAttrs systemOrArgs;
      entry = entryOf (given.config or given.system);
      args = removeAttrs given [ "parsed" "system" "_withoutFunctions" ];
      shared = entry.hasSharedLibraries && !(args.isStatic or false);
      final = entry
        // {
          hasSharedLibraries = shared;
          linker = if args.useLLVM or entry.useLLVM then "lld" else entry.linker;
          extensions = entry.extensions // optionalAttrs (args ? isStatic && args.isStatic) { library = entry.extensions.staticLibrary; };
        }
        // mapAttrs (_: supports: supports (args.gcc.arch or entry.gcc.arch or "default")) architectures.predicates
        // args
        // {
          rust = entry.rust // args.rust or { };
          canExecute = platform:
            final.isAndroid == platform.isAndroid
            && parse.isCompatible final.parsed.cpu platform.parsed.cpu
            && final.parsed.kernel == platform.parsed.kernel
            && (final.parsed.cpu != platform.parsed.cpu || !(platform ? gcc.arch)
              || (final ? gcc.arch && architectures.canExecute final.gcc.arch platform.gcc.arch));
          emulatorAvailable = pkgs: emulatorFor final pkgs != null;
          staticEmulatorAvailable = pkgs: final.emulatorAvailable pkgs && (final.isLinux || final.isWasi || final.isMmix);
          emulator = pkgs: let found = emulatorFor final pkgs; in if found != null then found else throw "Don't know how to run ${final.config} executables.";
          _withoutFunctions = removeAttrs final (functionNames ++ [ "_withoutFunctions" ]);
        };
    in
    assert args ? linux-kernel -> throw "lib.systems.elaborate: linux-kernel has been removed; see the 26.11 release notes";
    final;
  emulatorFor = final: pkgs:
    if pkgs.stdenv.hostPlatform.canExecute final then lib.getExe (pkgs.writeShellScriptBin "exec" ''exec "$@"'')
    else if final.isWindows then "${(pkgs.winePackagesFor "wine${toString final.parsed.cpu.bits}").minimal}/bin/wine"
    else if final.isLinux && pkgs.stdenv.hostPlatform.isLinux && final.qemuArch != null then "${pkgs.qemu-user}/bin/qemu-${final.qemuArch}"
    else if final.isWasi then "${pkgs.wasmtime}/bin/wasmtime"
    else if final.isGhcjs then "${pkgs.nodejs-slim}/bin/node"
    else if final.isMmix then "${pkgs.mmixware}/bin/mmix"
    else null;

  architectures = rec {
    inherit (table.architectures) features inferiors;
    hasInferior = first: second: builtins.elem second inferiors.${first} or [ ];
    canExecute = first: second: first == second || hasInferior first second;
    predicates =
      let supports = feature: architecture: builtins.elem feature features.${architecture} or [ ]; in
      genAttrs [ "aesSupport" "avx2Support" "avx512Support" "avxSupport" "fma4Support" "fmaSupport" "lasxSupport" "lsxSupport" "sse3Support" "sse4_1Support" "sse4_2Support" "ssse3Support" ]
        (name: supports (lib.removeSuffix "Support" name))
      // { sse4_aSupport = supports "sse4a"; };
  };

  # Patterns

  inspect = rec {
    inherit (table) patterns platformPatterns;
    matchAnyAttrs = pattern: attrs: lib.any (each: lib.matchAttrs each attrs) (lib.toList pattern);
    predicates = mapAttrs (_: matchAnyAttrs) patterns;
    patternLogicalAnd = first: second:
      let
        compatible = path: left: right:
          builtins.intersectAttrs left right == { } || left == right
          || throw "pattern conflict at path ${toString path}:\n  ${builtins.toJSON left}\n  ${builtins.toJSON right}\n";
      in
      lib.concatMap (left: map (right: lib.recursiveUpdateUntil compatible left right) (lib.toList second)) (lib.toList first);
  };

  # Names of systems and their parts

  partTypes = { cpuTypes = "cpu-type"; vendors = "vendor"; kernels = "kernel"; abis = "abi"; execFormats = "exec-format"; kernelFamilies = "kernel-family"; significantBytes = "significant-byte"; };
  part = name: what: table.parts.${name}.${what} or (throw "Unknown ${{ cpuTypes = "CPU type"; vendors = "vendor"; kernels = "kernel"; abis = "ABI"; }.${name}}: ${what}");
  # In names of three parts, what the last two are.
  endsInAbi = [ "eabi" "eabihf" "elf" "gnu" ];
  endsInKernel = [ "redox" "mmixware" "ghcjs" "mingw32" "uefi" ];
  kernelPrefixes = [ "freebsd" "netbsd" "openbsd" "genode" ];

  skeletonOf = parts:
    let
      count = length parts;
      at = elemAt parts;
      whole = lib.concatStringsSep "-" parts;
      cpu = head parts;
      last = at (count - 1);
    in
    if count == 1 then
      (if cpu == "avr" then { inherit cpu; kernel = "none"; abi = "unknown"; } else throw "system string '${whole}' with 1 component is ambiguous")
    else if count == 2 then
      if last == "cygwin" then { inherit cpu; vendor = "pc"; kernel = "cygwin"; }
      else if last == "windows" then { inherit cpu; kernel = "windows"; abi = "msvc"; }
      else if last == "elf" then { inherit cpu; vendor = "unknown"; kernel = "none"; abi = "elf"; }
      else { inherit cpu; kernel = last; }
    else if count == 3 then
      if at 1 == "linux" || builtins.elem last endsInAbi then { inherit cpu; kernel = at 1; abi = last; vendor = "unknown"; }
      else if at 1 == "apple" || builtins.elem last endsInKernel || lib.any (prefix: hasPrefix prefix last) kernelPrefixes || hasPrefix "wasm32" cpu
      then { inherit cpu; vendor = at 1; kernel = if last == "mingw32" then "windows" else last; }
      else if last == "cygwin" then { inherit cpu; vendor = at 1; kernel = "cygwin"; }
      else throw "system string '${whole}' with 3 components is ambiguous"
    else if count == 4 then { inherit cpu; vendor = at 1; kernel = at 2; abi = last; }
    else throw "system string '${whole}' has invalid number of hyphen-separated components";

  systemOf = { cpu, kernel, ... }@args:
    let
      beforeAbi = builtins.match "(.*)e?abi.*" kernel;
      is = predicate: inspect.predicates.${predicate} parsed;
      parsed = {
        cpu = part "cpuTypes" cpu;
        kernel =
          if hasPrefix "darwin" kernel then part "kernels" "darwin"
          else if hasPrefix "netbsd" kernel then part "kernels" "netbsd"
          else part "kernels" (if beforeAbi == null then kernel else head beforeAbi);
        vendor =
          if args ? vendor then part "vendors" args.vendor
          else if is "isDarwin" then part "vendors" "apple"
          else if is "isWindows" || is "isCygwin" then part "vendors" "pc"
          else part "vendors" "unknown";
        abi =
          if args ? abi then part "abis" args.abi
          else if !(is "isLinux" || is "isWindows") then part "abis" "unknown"
          else if is "isAarch32" then part "abis" (if lib.versionAtLeast (parsed.cpu.version or "0") "6" then "gnueabihf" else "gnueabi")
          else if is "isPower64" && is "isBigEndian" then part "abis" "gnuabielfv1"
          else part "abis" "gnu";
      };
    in
    parse.mkSystem parsed;

  parse = table.parts // rec {
    mkSkeletonFromList = skeletonOf;
    mkSystem = components: components // { _type = "system"; };
    mkSystemFromSkeleton = systemOf;
    mkSystemFromString = name: systemOf (skeletonOf (lib.splitString "-" name));
    isSystem = lib.isType "system";
    isCompatible = cpu: other: builtins.elem other.name (table.compatible.${cpu.name} or [ cpu.name ]);
    kernelName = kernel: kernel.name + toString (kernel.version or "");
    darwinArch = cpu: if cpu.name == "aarch64" then "arm64" else cpu.name;
    gnuNetBSDDefaultExecFormat = cpu:
      if cpu.bits == 32 && builtins.elem cpu.family [ "arm" "sparc" "m68k" "x86" ] then table.parts.execFormats.aout else table.parts.execFormats.elf;
    doubleFromSystem = { cpu, kernel, ... }:
      if kernel.families ? darwin then "${cpu.name}-darwin" else "${cpu.name}-${kernelName kernel}";
    tripleFromSystem = { cpu, vendor, kernel, abi, ... }@system:
      assert isSystem system;
      let
        format = lib.optionalString (kernel.name == "netbsd" && gnuNetBSDDefaultExecFormat cpu != kernel.execFormat) kernel.execFormat.name;
        suffix = lib.optionalString (abi != table.parts.abis.unknown) "-${abi.name}";
      in
      "${if kernel.families ? darwin then darwinArch cpu else cpu.name}-${vendor.name}-${kernelName kernel}${format}${suffix}";
    mkMuslSystem = parsed:
      let
        inherit (table.parts) abis;
        counterparts = {
          gnueabi = abis.musleabi;
          gnueabihf = abis.musleabihf;
          gnuabin32 = abis.muslabin32;
          gnuabi64 = abis.muslabi64;
        } // genAttrs [ "musleabi" "musleabihf" "muslabin32" "muslabi64" ] (name: abis.${name});
      in
      mkSystem (removeAttrs parsed [ "_type" ] // { abi = counterparts.${parsed.abi.name} or abis.musl; });
    types = lib.concatMapAttrs
      (name: type:
        let
          words = lib.splitString "-" type;
          camel = lib.concatStrings ([ (head words) ] ++ map lib.toSentenceCase (lib.tail words));
        in
        {
          ${camel} = lib.types.enum (attrValues table.parts.${name});
          "open${lib.toSentenceCase camel}" = lib.mkOptionType { name = type; check = lib.isType type; merge = lib.mergeOneOption; };
        })
      partTypes
    // {
      parsedPlatform = lib.mkOptionType { name = "system"; check = isSystem; merge = lib.mergeOneOption; };
    };
  };
in
{
  inherit architectures elaborate functionNames inspect parse systemToAttrs;
  inherit (table) doubles examples flakeExposed;
  equals = first: second: first._withoutFunctions == second._withoutFunctions;
  platforms = table.platforms // {
    select = platform:
      let version = platform.parsed.cpu.version or null; in
      if platform.isAarch32 then
        if version == null then { }
        else if lib.versionOlder version "6" then table.platforms.armv5tel-multiplatform
        else if lib.versionOlder version "7" then table.platforms.raspberrypi
        else table.platforms.armv7l-hf-multiplatform
      else if platform.isAarch64 then (if platform.isDarwin then table.platforms.apple-m1 else table.platforms.aarch64-multiplatform)
      else if platform.isLoongArch64 then table.platforms.loongarch64-multiplatform
      else if platform.parsed.cpu == table.parts.cpuTypes.mipsel then table.examples.mipsel-linux-gnu
      else { };
  };
}
