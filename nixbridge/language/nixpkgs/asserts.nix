# lib.asserts
lib:
rec {
  assertMsg = condition: message: condition || throw message;
  assertOneOf = name: value: list:
    assertMsg (builtins.elem value list)
      "${name} must be one of ${lib.generators.toPretty { } list}, but is: ${lib.generators.toPretty { } value}";
  assertEachOneOf = name: values: list:
    assertMsg (builtins.all (value: builtins.elem value list) values)
      "each element in ${name} must be one of ${lib.generators.toPretty { } list}, but is: ${lib.generators.toPretty { } values}";
  checkAssertWarn = assertions: warnings: value:
    let failed = map (one: one.message) (builtins.filter (one: !one.assertion) assertions); in
    if failed != [ ] then throw "\nFailed assertions:\n${lib.strings.concatMapStringsSep "\n" (message: "- ${message}") failed}"
    else lib.trivial.showWarnings warnings value;
}
