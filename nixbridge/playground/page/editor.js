// The editor, and the read-only views of the outputs.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { yaml } from "@codemirror/lang-yaml";
import { HighlightStyle, bracketMatching, foldGutter, foldKeymap, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import { EditorView, drawSelection, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { completeBuilders } from "./completion.js";
import { nixLanguage } from "./nix_language.js";

// colours are variables of page.css, which has those of light and of dark pages
const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword], color: "var(--keyword)" },
  { tag: tags.comment, color: "var(--comment)", fontStyle: "italic" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--string)" },
  { tag: [tags.number, tags.bool, tags.null, tags.atom, tags.escape], color: "var(--number)" },
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--property)" },
  { tag: [tags.function(tags.variableName), tags.standard(tags.variableName)], color: "var(--function)" },
  { tag: [tags.operator, tags.bracket, tags.separator, tags.punctuation], color: "var(--dim)" },
]);
const look = (nonce) => [
  EditorView.cspNonce.of(nonce),
  EditorView.lineWrapping,
  syntaxHighlighting(colours),
  EditorView.theme({
    "&": { height: "100%", color: "var(--text)", backgroundColor: "transparent", fontSize: "13px" },
    "&.cm-focused": { outline: "none" },
    ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.55" },
    ".cm-content": { caretColor: "var(--text)" },
    ".cm-gutters": { backgroundColor: "transparent", color: "var(--faint)", border: "none" },
    ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--active)" },
    ".cm-cursor": { borderLeftColor: "var(--text)" },
    "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
      backgroundColor: "var(--selection)",
    },
    ".cm-tooltip, .cm-panels": { backgroundColor: "var(--raised)", color: "var(--text)", borderColor: "var(--line)" },
    ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--on-accent)" },
  }),
];

export function makeEditor(parent, { nonce, text, onChange, onRun }) {
  const run = { key: "Mod-Enter", run: () => (onRun(), true) };
  return new EditorView({
    parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        keymap.of([run, ...closeBracketsKeymap, ...completionKeymap, ...lintKeymap, ...searchKeymap, ...foldKeymap, ...historyKeymap, ...defaultKeymap]),
        [lineNumbers(), lintGutter(), history(), drawSelection(), indentOnInput(), bracketMatching(), closeBrackets()],
        [highlightActiveLine(), highlightSelectionMatches(), autocompletion({ override: [completeBuilders] })],
        [nixLanguage(tags), indentUnit.of("  "), look(nonce)],
        EditorView.contentAttributes.of({ "aria-label": "Nix configuration" }),
        EditorView.updateListener.of((update) => update.docChanged && onChange(update.state.doc.toString())),
      ],
    }),
  });
}

export function makeViewer(parent, { nonce, name, label }) {
  return new EditorView({
    parent,
    state: EditorState.create({
      extensions: [
        [name === "json" ? json() : yaml(), lineNumbers(), foldGutter(), drawSelection(), keymap.of([...searchKeymap, ...foldKeymap, ...defaultKeymap])],
        [EditorState.readOnly.of(true), look(nonce)],
        EditorView.contentAttributes.of({ "aria-label": label }),
      ],
    }),
  });
}

// Replace the text, and leave what is equal at its beginning and end alone: the view keeps its place.
export function setText(view, text) {
  const old = view.state.doc.toString();
  if (old === text) return;
  const most = Math.min(old.length, text.length);
  let start = 0;
  while (start < most && old[start] === text[start]) start += 1;
  let end = 0;
  while (end < most - start && old.at(-1 - end) === text.at(-1 - end)) end += 1;
  view.dispatch({ changes: { from: start, to: old.length - end, insert: text.slice(start, text.length - end) } });
}

// Return the range of a mark: a line, and columns in characters, all from 1. JavaScript counts UTF-16 units.
export function rangeOf(document, { line, start, end }) {
  const row = document.line(Math.min(Math.max(line, 1), document.lines));
  const characters = [...row.text];
  const units = (column) => characters.slice(0, column - 1).join("").length;
  const from = row.from + units(start);
  return { from, to: Math.min(Math.max(row.from + units(end), from), row.to) };
}

export function showDiagnostics(view, problems) {
  const severity = { error: "error", warning: "warning", note: "info" };
  const marked = problems.filter((one) => one.mark);
  const found = marked.map((one) => ({ ...rangeOf(view.state.doc, one.mark), severity: severity[one.level] ?? "info", message: one.title, source: one.code }));
  view.dispatch(setDiagnostics(view.state, found.sort((one, other) => one.from - other.from)));
}

export function goTo(view, mark) {
  const { from, to } = rangeOf(view.state.doc, mark);
  view.dispatch({ selection: { anchor: from, head: to }, effects: EditorView.scrollIntoView(from, { y: "center" }) });
  view.focus();
}
