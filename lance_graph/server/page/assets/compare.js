// The same prompt to the target alone, under a safety system prompt, and through LANCE.
import { $, el } from "./elements.js";
import { headline } from "./results.js";
import { run } from "./run.js";

const METHODS = [
  ["vanilla", "Without LANCE"],
  ["sys_prompt", "Safety system prompt"],
  ["lance", "With LANCE"],
];
const TABS = ["run", "compare"];

export const isComparing = () => $("tab-compare").getAttribute("aria-selected") === "true";

/** Shows the tabs, if there is something to compare; `changed()` is told when another one is opened. */
export function tabs(there, changed) {
  $("tabs").hidden = !there;
  const open = (name) => {
    for (const one of TABS) {
      $(`tab-${one}`).setAttribute("aria-selected", String(one === name));
      $(`tab-${one}`).tabIndex = one === name ? 0 : -1;
      $(`panel-${one}`).hidden = one !== name;
    }
    changed();
  };
  for (const name of TABS) {
    $(`tab-${name}`).onclick = () => open(name);
    $(`tab-${name}`).onkeydown = (event) => {
      if (!["ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) return;
      event.preventDefault();
      const to = TABS[event.key === "Home" ? 0 : event.key === "End" ? 1 : 1 - TABS.indexOf(name)];
      open(to);
      $(`tab-${to}`).focus();
    };
  }
}

/** Runs all three, one after the other; each column says how it ended. */
export async function compare(messages, key, signal, known) {
  const titles = new Map(known.categories.map((one) => [one.key, one.title]));
  const columns = METHODS.map(([method, name]) => {
    const says = el("div", { role: "status" }, "waiting …");
    return { method, says, card: el("section", { class: "column", aria: { label: name } }, el("h3", {}, name), says) };
  });
  $("columns").replaceChildren(...columns.map((column) => column.card));
  for (const { method, says } of columns) {
    says.textContent = "asking …";
    try {
      for await (const event of run(messages, key, signal, method)) {
        if (event.kind === "answer") says.replaceChildren(...ending(event, method, (one) => titles.get(one) ?? one));
      }
    } catch (error) {
      says.textContent = signal.aborted ? "stopped" : `no answer: ${error.message}`;
    }
  }
}

function ending(found, method, title) {
  const answer = el("p", { class: "answer" }, found.answer || "(an answer without words)");
  if (method === "lance") return [el("p", { class: "aside" }, headline(found)), answer];
  if (found.lance.status === "safe" || found.lance.status === "unjudged") {
    const judged = found.lance.status === "safe" ? "Judged, and not hazardous." : "Not judged: the detector was not made for this language.";
    return [el("p", { class: "aside" }, judged), answer];
  }
  const last = found.steps.findLast((step) => step.gradient?.length);
  if (found.lance.status !== "fell_back" || !last) return [el("p", { class: "withheld" }, `Withheld: ${found.lance.reason}`)];
  const why = last.gradient.map((clause) => el("li", {}, `${title(clause.category)} ${clause.intensity.toFixed(2)}`));
  return [el("p", { class: "withheld" }, "Withheld: the answer was judged hazardous."), el("ul", {}, why)];
}
