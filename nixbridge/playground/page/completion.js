// Completion of builders and of the parameters of the call around the cursor.
import { snippetCompletion } from "@codemirror/autocomplete";
import builders from "./builders.json";

const calls = builders.map(({ name, doc }) => snippetCompletion(`${name} "\${name}" {\n\t\${}\n}`, { label: name, type: "function", info: doc }));
const parameters = new Map(
  builders.map(({ name, parameters }) => [name, parameters.map(({ name, type, doc }) => ({ label: name, apply: `${name} = `, type: "property", detail: type, info: doc }))]),
);

// Return the builder whose parameters may stand at the end of a text: that of the innermost open brace.
function builderAround(text) {
  let depth = 0;
  for (let at = text.length - 1; at >= 0; at -= 1) {
    if ("}])".includes(text[at])) depth += 1;
    if ("{[(".includes(text[at]) && (depth -= 1) < 0) return /(\w+)\s+("[^"\n]*"|\w+)\s*$/.exec(text.slice(0, at))?.[1];
  }
  return undefined;
}

export function completeBuilders(context) {
  const word = context.matchBefore(/[A-Za-z_][\w'-]*/);
  if (!word && !context.explicit) return null;
  const from = word ? word.from : context.pos;
  const before = context.state.sliceDoc(0, from);
  if (/[."]$/.test(before)) return null;
  const line = before.slice(before.lastIndexOf("\n") + 1);
  const named = /(^|[;{])\s*$/.test(line) ? parameters.get(builderAround(before)) : undefined;
  return { from, options: named ?? calls, validFor: /^[\w'-]*$/ };
}
