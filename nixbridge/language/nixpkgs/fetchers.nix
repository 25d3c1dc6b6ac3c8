# lib.fetchers
lib:
let
  fakes = { hash = lib.fakeHash; sha256 = lib.fakeSha256; sha512 = lib.fakeSha512; };
  namesOf = hashTypes: [ "hash" ] ++ hashTypes;
in
rec {
  proxyImpureEnvVars =
    let proxies = [ "http_proxy" "https_proxy" "ftp_proxy" "all_proxy" "no_proxy" ]; in
    proxies ++ map lib.toUpper proxies ++ [ "NIX_SSL_CERT_FILE" ];
  normalizeHash = { hashTypes ? [ "sha256" ], required ? true }: args:
    let
      given = builtins.filter (name: args ? ${name}) (builtins.attrNames (lib.genAttrs (namesOf hashTypes) (_: null)));
      name = builtins.head given;
      value = args.${name};
    in
    if args ? outputHash then args
    else if given == [ ] then lib.throwIf required "fetcher called without `hash`" (removeAttrs args (namesOf hashTypes))
    else if builtins.length given > 1 then throw "fetcher called with mutually-incompatible arguments: ${lib.concatStringsSep ", " given}"
    else removeAttrs args (namesOf hashTypes) // {
      outputHashAlgo = if name == "hash" then null else name;
      outputHash = if value != "" then value else fakes.${name} or (throw "no “fake hash” defined for ${name}");
    };
  withNormalizedHash = { hashTypes ? [ "sha256" ] }: fetcher:
    let
      formals = lib.functionArgs fetcher;
      normalize = normalizeHash { inherit hashTypes; required = !formals.outputHash; };
    in
    assert formals ? outputHash && formals ? outputHashAlgo;
    assert builtins.all (name: !(formals ? ${name})) (namesOf hashTypes);
    lib.setFunctionArgs (args: fetcher (normalize args)) (removeAttrs formals [ "outputHash" "outputHashAlgo" ] // { hash = formals.outputHash; });
}
