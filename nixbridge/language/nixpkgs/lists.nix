# lib.lists, what is clearer in Nix than in Python. The others are in lists.py.
lib:
let
  inherit (builtins) all any attrValues concatLists elem elemAt genList head length sort tail;

  # text as a row of numbers and other pieces: "v10" is [ "v" 10 "" ]
  naturalKey = text: map (piece: if builtins.isList piece then builtins.fromJSON (lib.internal.strings.removeLeadingZeros (head piece)) else piece) (builtins.split "([0-9]+)" text);
  compareNatural = a: b:
    if builtins.isInt a == builtins.isInt b then lib.trivial.compare a b else if builtins.isInt a then -1 else 1;

  # where a depth-first walk ends that goes from element to what must come before it
  walk = stopOnCycles: before: element: visited: rest:
    let
      isBefore = other: before other element;
      cycles = builtins.filter isBefore visited;
      onward = builtins.partition isBefore rest;
    in
    if stopOnCycles && cycles != [ ] then { cycle = element; loops = cycles; inherit visited rest; }
    else if onward.right == [ ] then { minimal = element; inherit visited rest; }
    else walk stopOnCycles before (head onward.right) ([ element ] ++ visited) (tail onward.right ++ onward.wrong);
in
{
  sortOn = key: list:
    map (pair: elemAt pair 1) (sort (a: b: head a < head b) (map (element: [ (key element) element ]) list));

  naturalSort = list:
    map (pair: elemAt pair 1)
      (sort (a: b: lib.lists.compareLists compareNatural (head a) (head b) < 0) (map (text: [ (naturalKey text) text ]) list));

  listDfs = stopOnCycles: before: list: walk stopOnCycles before (head list) [ ] (tail list);

  toposort = before: list:
    let
      first = lib.lists.listDfs true before list;
      later = lib.lists.toposort before (first.visited ++ first.rest);
    in
    if length list < 2 then { result = list; }
    else if first ? cycle then { cycle = lib.lists.reverseList ([ first.cycle ] ++ first.visited); inherit (first) loops; }
    else if later ? cycle then later
    else { result = [ first.minimal ] ++ later.result; };

  crossLists = f: lists:
    let extend = functions: list: lib.lists.concatMap (function: map function list) functions;
    in lib.trivial.warn "lib.crossLists is deprecated, use lib.mapCartesianProduct instead" (lib.lists.foldl extend [ f ] lists);

  uniqueStrings = list: builtins.attrNames (builtins.groupBy (text: text) list);

  allUnique = list: length (lib.lists.unique list) == length list;

  mutuallyExclusive = a: b: length a == 0 || !any (element: elem element a) b;

  concatAttrValues = attrs: concatLists (attrValues attrs);

  replaceElemAt = list: index: new:
    if index >= 0 && index < length list
    then genList (number: if number == index then new else elemAt list number) (length list)
    else throw "'lists.replaceElemAt' called with index ${toString index} on a list of size ${toString (length list)}";

}
