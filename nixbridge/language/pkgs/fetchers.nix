# Fetchers: fixed outputs, so that their store paths are Nix's own. Nothing is downloaded.
{ lib, pkgs, ... }:
let
  inherit (builtins) baseNameOf filter head;
  make = pkgs.stdenvNoCC.mkDerivation;

  algorithms = [ "sha512" "sha256" "sha1" "md5" ];
  # The hash of a fetcher's arguments as { outputHash, outputHashAlgo }.
  hashOf = function: args:
    let
      given = filter (name: args.${name} or "" != "" && args.${name} or null != null) ([ "hash" ] ++ algorithms);
      name = head given;
    in
    if args ? outputHash && args.outputHash != "" then { inherit (args) outputHash; outputHashAlgo = args.outputHashAlgo or null; }
    else if given == [ ] then { outputHash = lib.fakeHash; outputHashAlgo = null; }
    else if builtins.length given > 1 then throw "multiple hashes passed to ${function}"
    else if name == "hash" then { outputHash = args.hash; outputHashAlgo = null; }
    else { outputHash = args.${name}; outputHashAlgo = name; };
  recursive = { outputHashMode = "recursive"; };

  fixed = function: args: attributes:
    make (attributes // hashOf function args // {
      builder = "nixbridge:fetch";
      fetcher = function;
      meta = args.meta or { };
      passthru = args.passthru or { };
      preferLocalBuild = true;
    });
  # A fetcher of a repository: its output is called `source`.
  repository = function: urlOf: lib.makeOverridable (args:
    fixed function args (recursive // {
      name = args.name or "source";
      url = urlOf args;
    }) // { rev = revisionOf args; } // lib.optionalAttrs (args ? owner) { inherit (args) owner repo; } // lib.optionalAttrs (args ? tag) { inherit (args) tag; });
  revisionOf = args: if args.tag or null != null then "refs/tags/${args.tag}" else args.rev or "HEAD";
  archive = host: args: "https://${args.domain or args.githubBase or host}/${args.owner}/${args.repo}/archive/${revisionOf args}.tar.gz";
in
rec {
  fetchurl = lib.makeOverridable ({ url ? "", urls ? [ ], name ? "", pname ? "", version ? "", recursiveHash ? false, executable ? false, ... }@args:
    let
      all = if urls != [ ] then urls else if builtins.isList url then url else [ url ];
      mode = if recursiveHash || executable then recursive else { outputHashMode = "flat"; };
    in
    fixed "fetchurl" args (mode // {
      name = if name != "" then name else if pname != "" && version != "" then "${pname}-${version}" else baseNameOf (toString (head all));
      urls = all;
    }) // { url = head all; });
  fetchzip = lib.makeOverridable ({ url ? "", urls ? [ ], name ? "source", ... }@args:
    fixed "fetchzip" args (recursive // { inherit name; urls = if urls != [ ] then urls else lib.toList url; }) // { inherit url; });
  fetchpatch = lib.makeOverridable ({ url ? "", name ? baseNameOf (toString url), ... }@args:
    fixed "fetchpatch" args { inherit name; urls = [ url ]; outputHashMode = "flat"; } // { inherit url; });
  fetchpatch2 = fetchpatch;
  fetchgit = repository "fetchgit" (args: args.url);
  fetchgitLocal = src: builtins.path { path = src; name = "source"; };
  fetchFromGitHub = repository "fetchFromGitHub" (archive "github.com");
  fetchFromGitLab = repository "fetchFromGitLab" (archive "gitlab.com");
  fetchFromGitea = repository "fetchFromGitea" (archive "gitea.com");
  fetchFromForgejo = repository "fetchFromForgejo" (archive "codeberg.org");
  fetchFromCodeberg = repository "fetchFromCodeberg" (archive "codeberg.org");
  fetchFromBitbucket = repository "fetchFromBitbucket" (archive "bitbucket.org");
  fetchFromSourcehut = repository "fetchFromSourcehut" (args: "https://git.sr.ht/${args.owner}/${args.repo}/archive/${revisionOf args}.tar.gz");
  requireFile = { name ? null, url ? null, hash ? null, sha256 ? null, sha1 ? null, hashMode ? "flat", message ? null, ... }@args:
    fixed "requireFile" args { name = if name == null then baseNameOf (toString url) else name; outputHashMode = hashMode; };
}
