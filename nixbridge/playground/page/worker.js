// Python with nixbridge, and Graphviz for the picture, off the page's own thread.
import { loadPyodide } from "./pyodide/pyodide.mjs";
import { instance } from "./viz.js";

const PACKAGES = ["nixbridge-py3-none-any.whl", "pyyaml.zip"];
const here = (path) => new URL(path, import.meta.url).href;

async function start() {
  const archives = PACKAGES.map(async (name) => (await fetch(here(name))).arrayBuffer());
  const python = await loadPyodide({ indexURL: here("pyodide/") });
  for (const archive of archives) python.unpackArchive(await archive, "zip");
  return python.runPython("import json\nfrom nixbridge.playground.answers import answer\nlambda text: json.dumps(answer(text))");
}

const python = start();
const drawing = instance();

async function answer(text) {
  // a text may have half a character (a lone surrogate), which Python's strings cannot be given
  const shown = JSON.parse((await python)(text.toWellFormed?.() ?? text));
  // Graphviz without a system's fonts knows the widths of Helvetica, but not of a list of fonts
  const dot = shown.dot?.replaceAll('fontname="Helvetica,Arial,sans-serif"', 'fontname="Helvetica"');
  if (dot) shown.svg = (await drawing).renderString(dot, { format: "svg" });
  return shown;
}

const tell = (making) => making.then(postMessage, (error) => postMessage({ failure: String(error) }));
onmessage = ({ data: text }) => tell(answer(text).then((answer) => ({ answer })));
tell(python.then(() => ({ ready: true })));
