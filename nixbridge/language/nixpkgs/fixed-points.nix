# lib.fixedPoints
lib:
let
  merge = overlay: final: prev: prev // overlay final prev;
in
rec {
  fix = f: let self = f self; in self;
  fix' = f: let self = f self // { __unfix__ = f; }; in self;
  converge = f: value: let next = f value; in if next == value then value else converge f next;
  extends = overlay: f: final: let prev = f final; in merge overlay final prev;
  composeExtensions = first: second: final: prev:
    let made = first final prev; in made // second final (prev // made);
  composeManyExtensions = lib.lists.foldr composeExtensions (_: _: { });
  makeExtensible = makeExtensibleWithCustomName "extend";
  makeExtensibleWithCustomName = name: f:
    fix' (self: f self // { ${name} = overlay: makeExtensibleWithCustomName name (extends overlay f); });
  toExtension = value:
    if lib.trivial.isFunction value
    then final: prev: let made = value prev; in if lib.trivial.isFunction made then value final prev else made
    else _: _: value;
}
