# lib.stringsWithDeps
lib:
let
  # the entries that `wanted` needs, each after those that it depends on, each once
  ordered = predefined: wanted:
    let
      add = state: item:
        let
          isName = builtins.isString item;
          entry = if isName then predefined.${item} else item;
          within = builtins.foldl' add (state // { seen = if isName then state.seen // { ${item} = true; } else state.seen; }) (entry.deps or [ ]);
        in
        if isName && state.seen ? ${item} then state
        else within // { texts = within.texts ++ [ (if builtins.isString entry then entry else entry.text) ]; };
    in
    (builtins.foldl' add { seen = { }; texts = [ ]; } wanted).texts;
in
{
  textClosureList = ordered;
  textClosureMap = f: predefined: names: builtins.concatStringsSep "\n" (map f (ordered predefined names));
  noDepEntry = text: { inherit text; deps = [ ]; };
  fullDepEntry = text: deps: { inherit text deps; };
  packEntry = deps: { inherit deps; text = ""; };
  stringAfter = deps: text: { inherit text deps; };
}
