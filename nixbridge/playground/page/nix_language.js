// Nix for CodeMirror: a tokenizer that colours a text, however broken it is at the moment.
import { StreamLanguage } from "@codemirror/language";

const KEYWORDS = new Set(["let", "in", "rec", "with", "inherit", "if", "then", "else", "assert", "or"]);
const CONSTANTS = new Set(["true", "false", "null"]);
const LIBRARIES = new Set(["builtins", "lib", "pkgs"]);
const NAME = /^[A-Za-z_][\w'-]*/;

// `open` is what the text is inside of, innermost last: '"', "''", "{" (an interpolation's or a set's braces), "/*"
function token(stream, state) {
  const inside = state.open.at(-1);
  if (inside === '"' || inside === "''") return inString(stream, state, inside);
  if (inside === "/*") return inComment(stream, state);
  if (stream.eatSpace()) return null;
  if (stream.match("/*")) {
    state.open.push("/*");
    return "comment";
  }
  if (stream.match(/^#.*/)) return "comment";
  for (const quote of ["''", '"']) {
    if (stream.match(quote)) {
      state.open.push(quote);
      return "string";
    }
  }
  if (stream.match("${") || stream.match("{")) {
    state.open.push("{");
    return "bracket";
  }
  if (stream.match("}")) {
    state.open.pop();
    return "bracket";
  }
  if (stream.match(/^(\d+\.\d*|\d*\.\d+)(e[+-]?\d+)?/i) || stream.match(/^\d+/)) return "number";
  if (stream.match(/^(~|\.{1,2})?\/[\w.+-]+(\/[\w.+-]+)*/) || stream.match(/^<[\w.+/-]+>/)) return "string2";
  const name = stream.match(NAME);
  if (name) return ofName(name[0], stream);
  if (stream.match(/^(\/\/|\+\+|->|==|!=|<=|>=|&&|\|\||\|>|<\||[-+*/!<>?@:=|&])/)) return "operator";
  stream.next();
  return "bracket";
}

function ofName(name, stream) {
  const before = stream.string.slice(0, stream.start).trimEnd();
  if (KEYWORDS.has(name) && !before.endsWith(".")) return "keyword";
  if (/^\s*(=[^=]|=$|\.[\w"'$.{}-]*\s*=[^=])/.test(stream.string.slice(stream.pos))) return "propertyName";
  if (CONSTANTS.has(name)) return "atom";
  if (before.endsWith(".")) return "propertyName";
  if (/^(mk[A-Z]|validateServiceMesh$|calculateSidecarOverhead$)/.test(name)) return "builder";
  return LIBRARIES.has(name) ? "library" : "variable";
}

function inString(stream, state, quote) {
  if (stream.match("${")) {
    state.open.push("{");
    return "bracket";
  }
  if (quote === "''" ? stream.match(/^''(\\.|\$|')/) : stream.match(/^\\./)) return "escape";
  if (stream.match("$$")) return "string";
  if (stream.match(quote)) {
    state.open.pop();
    return "string";
  }
  stream.next();
  stream.eatWhile(quote === "''" ? /[^$']/ : /[^$"\\]/);
  return "string";
}

function inComment(stream, state) {
  if (stream.match(/^.*?\*\//)) state.open.pop();
  else stream.skipToEnd();
  return "comment";
}

export function nixLanguage(tags) {
  return StreamLanguage.define({
    name: "nix",
    startState: () => ({ open: [] }),
    copyState: (state) => ({ open: [...state.open] }),
    token,
    indent: (state, after, context) => {
      const depth = state.open.filter((one) => one === "{").length - (/^[}\]]/.test(after) ? 1 : 0);
      return Math.max(depth, 0) * context.unit;
    },
    languageData: { commentTokens: { line: "#", block: { open: "/*", close: "*/" } }, closeBrackets: { brackets: ["(", "[", "{", '"'] } },
    tokenTable: {
      builder: tags.function(tags.variableName),
      library: tags.standard(tags.variableName),
      string2: tags.special(tags.string),
    },
  });
}
