// The panels: side by side where the window is wide, else one at a time with tabs.
import { makeViewer, setText } from "./editor.js";

const OUTPUTS = ["json", "yaml", "manifests", "picture"];
const tabs = [...document.querySelectorAll("[role=tab]")];
const panelOf = (tab) => tab.getAttribute("aria-controls");

// tabs

export function select(name) {
  document.body.dataset.selected = name;
  if (OUTPUTS.includes(name)) document.body.dataset.output = name;
  arrange();
}

const narrow = matchMedia("(max-width: 719.98px)");
const wide = matchMedia("(min-width: 1180px)");

function arrange() {
  const { selected, output } = document.body.dataset;
  const current = narrow.matches ? selected : output;
  for (const tab of tabs) {
    tab.ariaSelected = String(panelOf(tab) === current);
    tab.tabIndex = panelOf(tab) === current ? 0 : -1;
    const panel = document.getElementById(panelOf(tab));
    const isTabbed = narrow.matches || (!wide.matches && OUTPUTS.includes(panel.id));
    panel.role = isTabbed ? "tabpanel" : "region";
  }
}

for (const tab of tabs) {
  tab.addEventListener("click", () => select(panelOf(tab)));
  tab.addEventListener("keydown", (event) => {
    const shown = tabs.filter((one) => one.offsetParent !== null);
    const at = shown.indexOf(tab);
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    const target = shown.at(next % shown.length);
    target.focus();
    select(panelOf(target));
  });
}
narrow.addEventListener("change", arrange);
wide.addEventListener("change", arrange);
arrange();

// outputs

const ABSENT = {
  json: "There is no value.",
  yaml: "There is no value.",
  manifests: "Nothing is rendered: there is no builder's record and no manifest in the value.",
  picture: "Nothing is drawn: there are no routes, services and policies in the value.",
};

export function makeOutputs(nonce) {
  const viewers = {};
  for (const [name, label] of [["json", "JSON"], ["yaml", "YAML"], ["manifests", "Manifests"]]) {
    viewers[name] = makeViewer(document.querySelector(`#${name} .body`), { nonce, name: name === "json" ? "json" : "yaml", label });
  }
  const texts = {};
  for (const name of OUTPUTS) {
    const button = document.querySelector(`#${name} .copy`);
    button.addEventListener("click", () => copy(button, texts[name]));
  }

  // Show an answer; what kept the text from being evaluated leaves the last outputs, paler.
  return function show(answer) {
    document.body.classList.toggle("stale", answer.error !== null);
    if (answer.error !== null && Object.keys(texts).length) return;
    for (const name of OUTPUTS) {
      const text = (name === "picture" ? answer.svg : answer[name]) ?? null;
      texts[name] = text;
      const panel = document.getElementById(name);
      const reason = panel.querySelector(".reason");
      panel.querySelector(".copy").disabled = text === null;
      panel.querySelector(".body").hidden = text === null;
      reason.hidden = text !== null;
      reason.textContent = answer.reasons[name] || (answer.error ? "Not evaluated yet." : ABSENT[name]);
      if (name === "picture") draw(panel.querySelector(".body"), text);
      else setText(viewers[name], text ?? "");
    }
  };
}

function draw(body, text) {
  body.replaceChildren();
  if (text === null) return;
  const drawing = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  // browsers show a title as a tooltip, and Graphviz writes its own names there
  for (const title of drawing.querySelectorAll("title")) title.remove();
  // it shrinks to fit, as long as its small letters stay legible
  const { width, height } = drawing.viewBox.baseVal;
  drawing.setAttribute("width", width * 1.3);
  drawing.removeAttribute("height");
  drawing.style.minWidth = `${width * 0.9}px`;
  drawing.style.aspectRatio = `${width} / ${height}`;
  drawing.setAttribute("role", "img");
  drawing.setAttribute("aria-label", "The traffic as a drawing; the manifests say the same as text");
  body.append(document.importNode(drawing, true));
}

export async function copy(button, text) {
  const label = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Not allowed";
  }
  setTimeout(() => (button.textContent = label), 1500);
}

// problems

// Return what an answer complains about: {level, code, title, detail, mark}.
export function problemsOf(answer) {
  const problems = [];
  if (answer.error) problems.push({ level: "error", title: answer.error.report.split("\n")[0].replace("error: ", ""), report: answer.error.report, mark: answer.error.mark });
  for (const { code, level, message, hint, mark } of answer.findings) problems.push({ level, code, title: message, detail: hint, mark });
  const known = new Set(answer.findings.map(({ message }) => message));
  for (const { level, message, mark } of answer.messages) {
    if (level !== "note" && !known.has(message)) problems.push({ level, title: message, mark });
  }
  for (const text of answer.traces) problems.push({ level: "trace", title: text.replace(/^trace: /, "") });
  return problems;
}

export function showProblems(problems, goTo) {
  const body = document.querySelector("#problems .body");
  const count = problems.filter((one) => one.level !== "trace").length;
  for (const badge of document.querySelectorAll(".count")) {
    badge.textContent = count;
    badge.hidden = count === 0;
  }
  if (!problems.length) {
    const none = document.createElement("p");
    none.className = "none";
    none.textContent = "No problems: the configuration evaluates, renders and passes lint.";
    return body.replaceChildren(none);
  }
  return body.replaceChildren(...problems.map((one) => itemOf(one, goTo)));
}

function itemOf(problem, goTo) {
  const item = document.createElement("div");
  item.className = `problem ${problem.level}`;
  const add = (tag, kind, text) => {
    const part = document.createElement(tag);
    part.className = kind;
    part.textContent = text;
    item.append(part);
    return part;
  };
  add("span", "level", problem.code ? `${problem.level} ${problem.code}` : problem.level);
  if (problem.mark) {
    const place = add("button", "place", `line ${problem.mark.line}`);
    place.type = "button";
    place.addEventListener("click", () => goTo(problem.mark));
  }
  if (problem.report) add("pre", "report", problem.report);
  else add("p", "title", problem.title);
  if (problem.detail) add("p", "detail", problem.detail);
  return item;
}
