# lib.debug
lib:
let
  inherit (builtins) deepSeq isAttrs isList isString mapAttrs trace;
  inherit (lib.trivial) id;
  # the value down to a depth; what is below stands as "..." and is not looked at
  cut = depth: value:
    if depth == 0 && (isList value && value != [ ] || isAttrs value && value != { }) then (if isList value then "[…]" else "{…}")
    else if isList value then map (cut (depth - 1)) value
    else if isAttrs value && !lib.attrsets.isDerivation value then mapAttrs (_: cut (depth - 1)) value
    else value;
  shown = depth: value: lib.generators.toPretty { allowPrettyValues = true; } (cut depth value);
in
rec {
  traceIf = condition: message: value: if condition then trace message value else value;
  traceVal = traceValFn id;
  traceValFn = f: value: trace (f value) value;
  traceSeq = message: value: trace (deepSeq message message) value;
  traceSeqN = depth: message: value: trace (shown depth message) value;
  traceValSeq = traceValSeqFn id;
  traceValSeqFn = f: value: deepSeq value (traceValFn f value);
  traceValSeqN = depth: traceValSeqNFn id depth;
  traceValSeqNFn = f: depth: value: traceSeqN depth (f value) value;
  traceFnSeqN = depth: name: f: value:
    let result = f value; in traceSeqN depth { fn = name; from = value; to = result; } result;

  runTests = tests:
    let
      chosen = tests.tests or null;
      names = if chosen == null then builtins.filter (lib.strings.hasPrefix "test") (builtins.attrNames tests) else chosen;
      failed = builtins.filter (name: tests.${name}.expr != tests.${name}.expected) names;
    in map (name: { inherit name; inherit (tests.${name}) expected; result = tests.${name}.expr; }) failed;
  testAllTrue = expr: { inherit expr; expected = map (_: true) expr; };
  throwTestFailures = { failures, description ? "tests", ... }:
    let
      show = failure: ''
        FAIL ${builtins.toJSON failure.name}
        Expected: ${lib.generators.toPretty { } failure.expected}
        Result: ${lib.generators.toPretty { } failure.result}
      '';
      count = builtins.length failures;
    in
    if failures == [ ] then null
    else lib.lists.foldr (failure: trace (show failure)) (throw "${toString count} ${description} failed: ${lib.strings.concatMapStringsSep ", " (failure: failure.name) failures}") failures;
}
