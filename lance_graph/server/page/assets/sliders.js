// What other thresholds would have done with the degrees that were measured: equation 1, without a second run.
import { el, number } from "./elements.js";
import { meaning, would } from "./graph.js";
import { chooseBranch, hazards } from "./rule.js";

const LEAST = 0.01;
const NAMES = { tau: "Hazardous above (τ)", tau_mild: "Mild effort above", tau_severe: "Severe effort above" };
const ORDER = Object.keys(NAMES);

/**
 * The card with three sliders. `known` is what the server says of itself; `first` the first scoring of the run;
 * `degrees` by category; `moved(thresholds)` is told of every change.
 */
export function sliders(known, first, degrees, moved) {
  const now = { ...known.thresholds };
  const categories = new Map(known.categories.map((one) => [one.key, one]));
  const inputs = {};
  const outputs = {};
  const says = el("p", { class: "verdict", role: "status", id: "would" });
  const list = el("ul", { class: "efforts" });

  const show = () => {
    for (const name of ORDER) {
      inputs[name].value = now[name];
      outputs[name].value = number(now[name]);
    }
    const found = hazards(degrees, now, categories);
    const branch = chooseBranch({
      failed: false,
      efforts: found.map(([, effort]) => effort),
      answered: first.scored === "pair",
      answer_alone: false,
      budget_left: known.rewrites > 0,
      waits: false,
    });
    const strongest = found.length ? found[0][1] : "none";
    says.replaceChildren(
      "With these, the effort is ", el("strong", {}, strongest), " and the run goes to ", el("code", {}, branch),
      `: ${meaning(branch)}.`,
    );
    list.replaceChildren(
      ...found.map(([key, effort]) => el("li", {}, `${categories.get(key)?.title ?? key} ${number(degrees[key])}: ${effort}`)),
    );
    const changed = ORDER.some((name) => Math.abs(now[name] - known.thresholds[name]) > 1e-9);
    back.disabled = !changed;
    would(changed ? branch : null);
    moved(now);
  };
  const move = (name, value) => {
    now[name] = value;
    const at = ORDER.indexOf(name);
    for (let lower = at - 1; lower >= 0; lower--) now[ORDER[lower]] = round(Math.min(now[ORDER[lower]], now[ORDER[lower + 1]] - LEAST));
    for (let upper = at + 1; upper < ORDER.length; upper++) now[ORDER[upper]] = round(Math.max(now[ORDER[upper]], now[ORDER[upper - 1]] + LEAST));
    show();
  };
  const rows = ORDER.map((name, at) => {
    const id = `slider-${name}`;
    const range = { type: "range", id, min: round(LEAST * (at + 1)), max: round(1 - LEAST * (3 - at)), step: LEAST };
    inputs[name] = el("input", range);
    inputs[name].addEventListener("input", () => move(name, Number(inputs[name].value)));
    outputs[name] = el("output", { htmlFor: id });
    return el("div", { class: "slider" }, el("label", { htmlFor: id }, NAMES[name]), inputs[name], outputs[name]);
  });
  const back = el("button", { type: "button", class: "small" }, "Back to this server's");
  back.addEventListener("click", () => { Object.assign(now, known.thresholds); show(); });
  show();
  return el("section", { class: "card what-if", aria: { labelledby: "what-if" } },
    el("h2", { id: "what-if" }, "What if the thresholds were others?"),
    el("p", { class: "aside" }, `By the degrees that were measured first, of ${first.scored === "pair" ? "the answer with its prompt" : "the prompt"}; nothing is run again.${note(known)}`),
    rows, says, list, back);
}

const round = (value) => Math.round(value * 100) / 100;

function note(known) {
  const own = known.categories.some((one) => one.thresholds) ? " Categories with thresholds of their own keep them." : "";
  const doubts = known.doubts ? " Doubts (abstain) may soften an effort here, which these sliders do not know." : "";
  const watched = known.mode === "monitor" ? " This server only watches: it passes everything on." : "";
  return own + doubts + watched;
}
