// The page: editor, evaluation, panels and the link that holds the text.
import examples from "./examples.json";
import { goTo, makeEditor, setText, showDiagnostics } from "./editor.js";
import { Evaluator } from "./evaluator.js";
import { fragmentOf, textOf } from "./link.js";
import { copy, makeOutputs, problemsOf, select, showProblems } from "./panels.js";

const TYPING_PAUSE = 250;
const byId = (id) => document.getElementById(id);
const nonce = document.body.dataset.nonce;
const [run, stop, share, choice, status] = ["run", "stop", "share", "examples", "status"].map(byId);

choice.append(new Option("Your own text", ""));
for (const { group, items } of examples) {
  const list = document.createElement("optgroup");
  list.label = group;
  list.append(...items.map(({ name, text }) => new Option(name, text)));
  choice.append(list);
}

const fromLink = await textOf(location.hash).catch(() => null);
const editor = makeEditor(document.querySelector("#editor .body"), { nonce, text: fromLink ?? examples[0].items[0].text, onChange: changed, onRun: () => evaluate() });
const show = makeOutputs(nonce);
const visit = (mark) => (select("editor"), goTo(editor, mark));
const current = () => editor.state.doc.toString();

const evaluator = new Evaluator((news) => {
  document.body.dataset.state = news.state;
  run.disabled = news.state === "starting";
  stop.disabled = news.state !== "evaluating";
  if (news.state === "starting") status.textContent ||= "Starting Python …";
  if (news.state === "ready" && status.textContent.startsWith("Starting")) status.textContent = "Ready";
  if (news.state === "evaluating") status.textContent = "Evaluating …";
  if (news.state === "ended") status.textContent = news.reason;
  if (news.state === "answered") answered(news);
});

function answered({ answer, text, milliseconds }) {
  const problems = problemsOf(answer);
  show(answer);
  showProblems(problems, visit);
  // marks of an older text would be in the wrong places of the newer one, whose answer comes next
  if (text === current()) showDiagnostics(editor, problems);
  status.textContent = answer.error ? "Not evaluated: see the problems" : `Evaluated in ${Math.round(milliseconds)} ms`;
}

let pause;
function changed() {
  clearTimeout(pause);
  pause = setTimeout(evaluate, TYPING_PAUSE);
  choice.selectedIndex = Math.max(0, [...choice.options].findIndex((option) => option.value === current()));
}

async function evaluate() {
  clearTimeout(pause);
  const text = current();
  evaluator.evaluate(text);
  const fragment = await fragmentOf(text);
  // typed meanwhile: the address is for the newer text, whose turn comes
  if (text === current()) history.replaceState(null, "", fragment);
}

choice.addEventListener("change", () => {
  if (choice.selectedIndex === 0) return;
  setText(editor, choice.value);
  editor.dispatch({ selection: { anchor: 0 }, scrollIntoView: true });
});
run.addEventListener("click", evaluate);
stop.addEventListener("click", () => evaluator.stop());
share.addEventListener("click", async () => {
  history.replaceState(null, "", await fragmentOf(current()));
  await copy(share, location.href);
});
addEventListener("hashchange", async () => {
  const text = await textOf(location.hash).catch(() => null);
  if (typeof text === "string") setText(editor, text);
});

changed();
if (fromLink === null) status.textContent = "The link is damaged: it holds no text.";
evaluate();
