"""The expressions that are measured. Each is text that any Nix evaluates to the same JSON."""

from __future__ import annotations

import random

_FIB = "let fib = n: if n < 2 then n else fib (n - 1) + fib (n - 2); in fib 24"

_FOLD = """
let
  numbers = builtins.genList (x: x) 300000;
  even = builtins.filter (x: x - (x / 2) * 2 == 0) (map (x: x * 3) numbers);
in builtins.foldl' (a: b: a + b) 0 even
"""

_SETS = """
let
  service = i: rec {
    name = "service-${toString i}";
    host = "${name}.default.svc.cluster.local";
    port = 8000 + i;
    labels = { app = name; };
  } // { replicas = i; tier = "backend"; };
in builtins.genList service 20000
"""

_STRINGS = """
let
  line = i: "namespace-${toString i}/service-${toString (i * 7)}:80";
  take = text:
    let
      parts = builtins.filter builtins.isString (builtins.split "[/:]" text);
      found = builtins.match "([a-z-]+)([0-9]+)" (builtins.head parts);
    in builtins.replaceStrings [ "-" "service" ] [ "_" "svc" ] (builtins.elemAt parts 1) + builtins.elemAt found 1;
in builtins.stringLength (builtins.concatStringsSep "," (builtins.genList (i: take (line i)) 20000))
"""

_RECURSION = "let count = n: if n == 0 then 0 else 1 + count (n - 1); in count 9000"

_SORT = """
let
  next = seed: let x = seed * 1103515245 + 12345; in x - (x / 2147483648) * 2147483648;
  numbers = builtins.genList (i: next (i * 7919 + 17)) 100000;
  sorted = builtins.sort (a: b: a < b) numbers;
in [ (builtins.head sorted) (builtins.elemAt sorted 50000) (builtins.elemAt sorted 99999) ]
"""

_GRAPH = """
let
  size = 5000;
  wrap = n: n - (n / size) * size;
  closure = builtins.genericClosure {
    startSet = [ { key = 0; } ];
    operator = node: [ { key = wrap (node.key * 2 + 1); } { key = wrap (node.key * 3 + 2); } { key = wrap (node.key + 1); } ];
  };
in builtins.length closure
"""

_JSON = """
let
  service = i: { name = "service-${toString i}"; port = 8000 + i; weight = i * 0.5; hosts = [ "a${toString i}.example.com" "b" ];
    meta = { labels = { app = "app-${toString i}"; tier = "backend"; }; enabled = true; note = null; }; };
  text = builtins.toJSON (builtins.genList service 28000);
in [ (builtins.stringLength text) (builtins.length (builtins.fromJSON text)) ]
"""

_WITH = """
let
  scope = { a = 1; b = 2; c = 3; };
  step = n: with scope; with { d = 4; }; with { e = n; }; a + b * c + d + e;
in builtins.foldl' (sum: n: sum + step n) 0 (builtins.genList (n: n) 60000)
"""

_WORDS = """
let
  words = builtins.genList (i: "item-${toString i}_${toString (i * 31)}.example.org") 20000;
  clean = builtins.replaceStrings [ "-" "_" "." ] [ "/" ":" "-" ];
  upper = builtins.replaceStrings [ "a" "b" "c" "d" "e" "i" "m" "t" ] [ "A" "B" "C" "D" "E" "I" "M" "T" ];
  joined = builtins.concatStringsSep "," (map (word: upper (clean word) + builtins.substring 0 6 word) words);
in { length = builtins.stringLength joined; count = builtins.length (builtins.filter builtins.isString (builtins.split "," joined)); }
"""

_NAMED_GRAPH = """
let
  size = 5000;
  wrap = n: n - (n / size) * size;
  next = item: step: let value = wrap (item.value * step + 1); in [ { key = "n${toString value}"; inherit value; } ];
  reached = builtins.genericClosure {
    startSet = [ { key = "n0"; value = 0; } ];
    operator = item: builtins.concatMap (next item) [ 2 3 5 ];
  };
in builtins.foldl' (sum: item: sum + item.value) 0 reached
"""

_WITH_LIBRARY = """
let
  library = { inc = x: x + 1; twice = x: x * 2; pick = xs: builtins.elemAt xs 0; base = 10; };
  settings = { name = "svc"; port = 80; };
  service = i: with library; with settings; {
    inherit i;
    name = "${name}-${toString i}";
    port = inc (twice port) + base;
    tags = with { prefix = "t"; }; [ prefix name (pick [ i ]) ];
  };
in with builtins; map service (genList (i: i) 20000)
"""


_CHARACTERS = """
let
  characters = s: builtins.genList (p: builtins.substring p 1 s) (builtins.stringLength s);
  join = builtins.concatStringsSep "";
  reverse = s: let cs = characters s; n = builtins.length cs; in join (builtins.genList (i: builtins.elemAt cs (n - i - 1)) n);
  isVowel = c: c == "a" || c == "e" || c == "i" || c == "o" || c == "u";
  mark = s: join (map (c: if isVowel c then "<${c}>" else c) (characters s));
  words = builtins.genList (i: "the quick brown fox ${toString i} jumps over the lazy dog") 1200;
in map (w: { reversed = reverse w; marked = mark w; vowels = builtins.length (builtins.filter isVowel (characters w)); }) words
"""

_LISTS = """
let
  inherit (builtins) elem elemAt foldl' genList length;
  take = n: xs: genList (elemAt xs) (if length xs < n then length xs else n);
  drop = n: xs: genList (i: elemAt xs (n + i)) (if length xs < n then 0 else length xs - n);
  chunks = n: xs: if xs == [ ] then [ ] else [ (take n xs) ] ++ chunks n (drop n xs);
  unique = foldl' (found: x: if elem x found then found else found ++ [ x ]) [ ];
  numbers = genList (i: let x = i * 7919 + 13; in x - (x / 300) * 300) 4000;
in { unique = unique numbers; sums = map (foldl' (a: b: a + b) 0) (chunks 40 numbers); }
"""

_STATISTICS = """
let
  samples = builtins.genList (i: { host = "h${toString (i / 100)}"; value = (i * 37) / 11.0; ok = i / 3 * 3 == i; }) 20000;
  add = total: sample: {
    count = total.count + 1;
    sum = total.sum + sample.value;
    max = if total.max == null || sample.value > total.max then sample.value else total.max;
    failures = total.failures + (if sample.ok then 0 else 1);
  };
in builtins.mapAttrs (host: builtins.foldl' add { count = 0; sum = 0; max = null; failures = 0; }) (builtins.groupBy (s: s.host) samples)
"""

_MERGES = """
let
  merge = left: right:
    let
      value = name:
        if !(left ? ${name}) then right.${name}
        else if !(right ? ${name}) then left.${name}
        else if builtins.isAttrs left.${name} && builtins.isAttrs right.${name} then merge left.${name} right.${name}
        else right.${name};
    in builtins.listToAttrs (map (name: { inherit name; value = value name; }) (builtins.attrNames (left // right)));
  defaults = {
    resources = { limits = { cpu = "500m"; memory = "256Mi"; }; requests = { cpu = "100m"; memory = "64Mi"; }; };
    probes = { live = { path = "/live"; port = 80; }; ready = { path = "/ready"; port = 80; }; };
  };
  override = i: { replicas = i; resources.limits.memory = "${toString i}Mi"; probes.live.port = 8000 + i; };
in builtins.genList (i: merge defaults (override i)) 2500
"""

_INTERPRETER = """
let
  inherit (builtins) elemAt head isInt isString;
  run = env: e:
    if isInt e then e
    else if isString e then env.${e}
    else
      let op = head e; a = run env (elemAt e 1); b = run env (elemAt e 2); in
      if op == "let" then run (env // { ${elemAt e 1} = b; }) (elemAt e 3)
      else if op == "if" then run env (elemAt e (if a != 0 then 2 else 3))
      else if op == "+" then a + b
      else if op == "*" then a * b
      else if op == "<" then (if a < b then 1 else 0)
      else throw "unknown operator ${op}";
  program = i: [ "let" "x" [ "+" i 3 ] [ "let" "y" [ "*" "x" "x" ] [ "if" [ "<" "y" 100 ] [ "+" "x" "y" ] [ "*" 2 "x" ] ] ] ];
in builtins.genList (i: run { } (program i)) 6000
"""

_STATES = """
let
  inside = s: s.a >= 0 && s.b >= 0 && s.a <= 50 && s.b <= 70;
  moves = s: builtins.filter inside [
    { a = 50; inherit (s) b; } { inherit (s) a; b = 70; } { a = 0; inherit (s) b; } { inherit (s) a; b = 0; }
    { a = s.a + 1; b = s.b - 1; } { a = s.a - 1; b = s.b + 1; }
  ];
  keyed = s: s // { key = [ s.a s.b ]; };
  reached = builtins.genericClosure { startSet = [ (keyed { a = 0; b = 0; }) ]; operator = s: map keyed (moves s); };
in [ (builtins.length reached) (builtins.foldl' (sum: s: sum + s.a * s.b) 0 reached) ]
"""

_VERSIONS = """
let
  versions = builtins.genList (i: "1.${toString (i * 37 - i * 37 / 50 * 50)}.${toString i}-rc${toString (i / 7)}") 3000;
  parse = v: builtins.match "([0-9]+)\\\\.([0-9]+)\\\\.([0-9]+)(-(.*))?" v;
  ordered = builtins.sort (a: b: builtins.compareVersions a b < 0) versions;
in map (v: { inherit v; parts = parse v; }) ordered
"""

_RECORDS = """
let
  record = i: builtins.toJSON { id = i; tags = [ "t${toString i}" "x" ]; nested.a.b.c = i; price = i * 0.25; note = note i; };
  note = i: "line\\n\\"${toString i}\\"";
  parsed = map builtins.fromJSON (builtins.genList record 8000);
in { total = builtins.foldl' (sum: r: sum + r.price + r.nested.a.b.c) 0 parsed; notes = map (r: r.note) parsed; }
"""

_WITH_ARGUMENT = """
let
  render = cfg: with cfg; {
    title = "${name}:${toString port}";
    sum = port + weight;
    hosts = map (alias: alias + "." + domain) aliases;
    tls = if secure then "strict" else "off";
  };
  domain = "example.org";
  config = i: { inherit domain; name = "svc${toString i}"; port = i; weight = i / 2; aliases = [ "a" "b" ]; secure = i / 2 * 2 == i; };
in builtins.genList (i: render (config i)) 12000
"""

_TREE = """
let
  insert = tree: key:
    if tree == null then { inherit key; left = null; right = null; }
    else if key < tree.key then tree // { left = insert tree.left key; }
    else if key > tree.key then tree // { right = insert tree.right key; }
    else tree;
  toList = tree: if tree == null then [ ] else toList tree.left ++ [ tree.key ] ++ toList tree.right;
  wrap = x: x - (x / 10007) * 10007;
in toList (builtins.foldl' insert null (builtins.genList (i: wrap (i * i * 7919 + 104729)) 4000))
"""


def services(count: int) -> str:
    """A configuration of `count` services, written as people write them: functions, defaults, `//`, maps and filters."""
    return f"""
let
  range = builtins.genList (i: i) {count};
  defaults = {{ replicas = 2; port = 8080; protocol = "HTTP"; timeout = "30s"; retries = {{ attempts = 3; perTryTimeout = "10s"; }}; }};
  mkService = {{ name, tier ? "backend", replicas ? defaults.replicas, port ? defaults.port, ... }}@args:
    defaults // args // {{
      inherit name tier replicas port;
      host = "${{name}}.${{tier}}.svc.cluster.local";
      labels = {{ app = name; inherit tier; "app.kubernetes.io/name" = name; }};
    }};
  subset = service: version: {{ name = version; labels = service.labels // {{ inherit version; }}; }};
  mkRule = service: {{
    inherit (service) host;
    subsets = map (subset service) [ "v1" "v2" ];
    trafficPolicy.connectionPool = {{ tcp.maxConnections = 100 + service.port; http.http1MaxPendingRequests = 50; }};
  }};
  mkRoute = service: {{
    hosts = [ service.name service.host ];
    httpRoutes = [
      {{
        match = [ {{ uri.prefix = "/${{service.name}}"; }} ];
        route = [
          {{ destination = {{ inherit (service) host; subset = "v1"; port.number = service.port; }}; weight = 90; }}
          {{ destination = {{ inherit (service) host; subset = "v2"; port.number = service.port; }}; weight = 10; }}
        ];
        inherit (service) timeout retries;
      }}
    ];
  }};
  tiers = [ "frontend" "backend" "data" ];
  all = map (i: mkService {{
    name = "service-${{toString i}}";
    tier = builtins.elemAt tiers (i - (i / 3) * 3);
    port = 8000 + i;
    replicas = if i - (i / 5) * 5 == 0 then 5 else 2;
    owner = "team-${{toString (i / 10)}}";
  }}) range;
  named = builtins.listToAttrs (map (service: {{ inherit (service) name; value = service; }}) all);
  large = builtins.filter (service: service.replicas > 2) all;
in {{
  services = named;
  rules = builtins.mapAttrs (name: mkRule) named;
  routes = builtins.mapAttrs (name: mkRoute) named;
  large = map (service: service.name) large;
  byTier = builtins.mapAttrs (tier: members: map (member: member.name) members) (builtins.groupBy (service: service.tier) all);
}}
"""


def literal(lines: int = 10_000) -> str:
    """A file of `lines` lines that is nothing but data: sets, lists, strings, numbers."""
    picks = random.Random(7)
    rows = ["["]
    while len(rows) < lines - 1:
        number = len(rows)
        rows += [
            "  {",
            f'    name = "service-{number}";',
            f"    port = {8000 + picks.randrange(1000)};",
            f"    weight = {picks.randrange(100)}.{picks.randrange(1, 10)};",
            f'    hosts = [ "a{number}.example.com" "b{number}.example.com" ];',
            f"    enabled = {picks.choice(['true', 'false'])};",
            f'    labels = {{ app = "app-{number}"; tier = "{picks.choice(["web", "data"])}"; }};',
            "    limits = { cpu = null; memory = 256; };",
            "  }",
        ]
    return "\n".join([*rows, "]", ""])


#: Name -> expression: what the geometric means are taken over.
EVALUATION: dict[str, str] = {
    "fib 24": _FIB,
    "fold, map, filter over 300,000": _FOLD,
    "20,000 rec sets with // and interpolation": _SETS,
    "20,000 strings through split, match, replaceStrings": _STRINGS,
    "recursion 9,000 deep": _RECURSION,
    "sort of 100,000": _SORT,
    "graph of 5,000 through genericClosure": _GRAPH,
    "5 MB through toJSON and fromJSON": _JSON,
    "nested with": _WITH,
    "20,000 words escaped, cut and joined": _WORDS,
    "graph of 5,000 with names as keys": _NAMED_GRAPH,
    "with of a library of functions": _WITH_LIBRARY,
    "10,000 lines of data": literal(),
    "a 500-service configuration": services(500),
    "strings by characters": _CHARACTERS,
    "lists cut into chunks, and without repetitions": _LISTS,
    "statistics of 20,000 samples, with floats": _STATISTICS,
    "2,500 nested sets merged, by computed names": _MERGES,
    "an interpreter of small programs": _INTERPRETER,
    "states with lists as keys": _STATES,
    "3,000 versions matched and sorted": _VERSIONS,
    "8,000 records to JSON and back": _RECORDS,
    "with of an argument": _WITH_ARGUMENT,
    "a binary tree of sets": _TREE,
}

#: The workloads that are also measured with limits: calls, memory, strings, depth, and a configuration.
LIMITED = (
    "fib 24",
    "fold, map, filter over 300,000",
    "20,000 strings through split, match, replaceStrings",
    "recursion 9,000 deep",
    "5 MB through toJSON and fromJSON",
    "a 500-service configuration",
)

#: The lengths at which texts are measured, and constructs of which they are made (tests/long_texts.py).
LENGTHS = (2_000, 16_000)
LONG_TEXTS = (
    *("let in let", "let", "sums", "assert", "sets joined", "sets chained through lets", "arguments", "calls of calls"),
    *("pipes", "else if", "with", "lists in lists"),
)

#: A file as people have them: what a single run costs.
SMALL = """
let
  service = { name, version ? "v1", weight ? 100 }: {
    destination = { host = name; subset = version; port.number = 8080; };
    inherit weight;
  };
in {
  namespace = "production";
  hosts = [ "web" "web.svc.cluster.local" ];
  httpRoutes = [
    {
      match = [ { uri.prefix = "/v2"; } ];
      route = [ (service { name = "web"; version = "v2"; weight = 10; }) (service { name = "web"; weight = 90; }) ];
      timeout = "30s";
      retries = { attempts = 3; perTryTimeout = "10s"; };
    }
  ];
  subsets = map (version: { name = version; labels = { inherit version; }; }) [ "v1" "v2" ];
}
"""


def configuration(number: int) -> str:
    """One of many configurations of 40 to 120 lines, for golden checks."""
    picks = random.Random(number)
    services = "\n".join(
        f"""    {{
      name = "service-{number}-{index}";
      port = {8000 + picks.randrange(1000)};
      tier = "{picks.choice(["web", "data", "batch"])}";
      weight = {picks.randrange(1, 100)};
    }}"""
        for index in range(picks.randrange(4, 14))
    )
    return f"""let
  defaults = {{
    namespace = "production";
    timeout = "30s";
    retries = {{ attempts = 3; perTryTimeout = "10s"; }};
  }};
  services = [
{services}
  ];
  host = service: "${{service.name}}.${{defaults.namespace}}.svc.cluster.local";
  route = service: {{
    destination = {{ host = host service; port.number = service.port; }};
    inherit (service) weight;
  }};
  virtualService = service: defaults // {{
    inherit (service) name;
    hosts = [ service.name (host service) ];
    httpRoutes = [ {{ route = [ (route service) ]; inherit (defaults) timeout; }} ];
  }};
  byTier = builtins.groupBy (service: service.tier) services;
in
{{
  virtualServices = map virtualService services;
  tiers = builtins.mapAttrs (tier: members: map (member: member.name) members) byTier;
  ports = builtins.listToAttrs (map (service: {{ inherit (service) name; value = service.port; }}) services);
}}
"""


def unlike_configuration(number: int) -> str:
    """One of many configurations no two of which are written alike, for golden checks: each has other names, entries and services."""
    picks = random.Random(number)
    team = f"{picks.choice(['payments', 'shop', 'auth', 'data'])}{number}"
    services = "\n".join(
        f'  {team}-{index} = service "{team}-{index}" {{ port = {8000 + picks.randrange(999)}; replicas = {picks.randrange(1, 9)};'
        f" {'canary = true; ' if picks.random() < 0.4 else ''}}};"
        for index in range(picks.randrange(3, 9))
    )
    entries = [
        f'''  timeouts.{team} = map (name: {{ inherit name; timeout = "${{toString (builtins.stringLength name + {number})}}s"; }})
    [ "{team}" "batch-{number}" ];''',
        f'''  policy = {{ inherit namespace; allow = builtins.filter (name: name != "{team}") [ "web" "{team}" "api" ]; }};''',
        f"""  routes = builtins.concatMap (version: [ {{ match = "/{team}/${{version}}"; weight = {number}; }} ]) [ "v1" "v2" ];""",
        f'''  labels = (if {number} > 500 then {{ team = "{team}"; }} else {{ }}) // {{ app.name = "{team}"; }};''',
    ]
    return f'''# {team}
let
  namespace = "{team}-production";
  service = name: {{ port, replicas ? 1, canary ? false }}: {{
    inherit name port;
    host = "${{name}}.${{namespace}}.svc.cluster.local";
    weights = if canary then [ {picks.randrange(50, 99)} 10 ] else [ 100 ];
    spread = builtins.genList (number: "${{name}}-${{toString number}}") replicas;
  }};
in
{{
{services}
{chr(10).join(picks.sample(entries, picks.randrange(1, 5)))}
}}
'''


#: What a configuration uses of nixpkgs' lib -> a small file that does.
LIBRARY: dict[str, str] = {
    "no lib": '{ host = "web"; ports = [ 80 ]; }',
    "lib.optional": '{ lib, ... }: { host = "web"; ports = lib.optional true 80; }',
    "six functions of lists, strings and sets": """
{ lib, ... }: {
  host = lib.concatStringsSep "." [ "web" (lib.toLower "Production") ];
  ports = lib.optional true 80 ++ lib.unique [ 81 81 ];
  labels = lib.mapAttrs' (name: value: lib.nameValuePair "app-${name}" value) { tier = "data"; };
}
""",
    "lib.evalModules": """
{ lib, ... }:
let
  service = { name, ... }: {
    options.host = lib.mkOption { type = lib.types.str; default = "${name}.local"; };
    options.port = lib.mkOption { type = lib.types.port; default = 80; };
  };
  declared = { options.services = lib.mkOption { type = lib.types.attrsOf (lib.types.submodule service); default = { }; }; };
  defined = { config.services = { web.port = lib.mkForce 8080; api = { }; }; };
in (lib.evalModules { modules = [ declared defined ]; }).config
""",
}

#: nixpkgs' module system: submodules with defaults, types of all kinds, priorities.
MODULES = """
let
  lib = import <nixpkgs/lib>;
  service = { name, ... }: {
    options = {
      enable = lib.mkEnableOption "the service" // { default = true; };
      host = lib.mkOption { type = lib.types.str; default = "${name}.local"; };
      port = lib.mkOption { type = lib.types.port; default = 80; };
      labels = lib.mkOption { type = lib.types.attrsOf lib.types.str; default = { }; };
      replicas = lib.mkOption { type = lib.types.ints.positive; default = 1; };
      tags = lib.mkOption { type = lib.types.listOf lib.types.str; default = [ ]; };
    };
    config.labels.app = lib.mkDefault name;
  };
in {
  result = (lib.evalModules {
    modules = [
      { options.services = lib.mkOption { type = lib.types.attrsOf (lib.types.submodule service); default = { }; }; }
      { services = lib.genAttrs (map (i: "svc${toString i}") (lib.range 1 40)) (name: { port = 8080; tags = [ name "x" ]; }); }
      { services.svc1.port = lib.mkForce 1234; services.svc2.replicas = 3; }
    ];
  }).config;
}
"""
