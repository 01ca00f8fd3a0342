// How a run ended, and why.
import { $, el, number, quiet } from "./elements.js";
import { meaning } from "./graph.js";
import { sliders } from "./sliders.js";

const STATUSES = {
  rewritten: "Your prompt was rewritten, and then answered.",
  fell_back: "No safe version was found, so this is a prepared answer.",
  degraded: "A component failed, so this is a prepared answer: nothing unchecked is shown.",
  unjudged: "Not judged: the detector was not made for this language.",
  monitored: "This server only watches: your prompt went on as it was, whatever was found.",
};

export function headline(found) {
  const { status } = found.lance;
  if (status !== "safe") return STATUSES[status] ?? status;
  const again = found.steps.some((step) => step.node === "ask_again");
  return again
    ? "Your prompt was harmless, but not the first answer: the target was asked again."
    : `Your prompt was harmless and went on as it was${found.lance.left_out.length ? ", but not all that stood before it" : ""}.`;
}

/** Shows the end of a run; `goOn(answer)` continues the conversation. */
export function show(found, known, goOn) {
  const titles = new Map(known.categories.map((one) => [one.key, one.title]));
  const title = (key) => titles.get(key) ?? key;
  const table = risks(found, title, known);
  const first = found.steps.find((step) => step.scored);
  const measured = first && Object.values(found.degrees).some((degree) => degree !== null);
  const moved = (thresholds) => {
    for (const [name, value] of Object.entries(thresholds)) table.style.setProperty(`--${name.replace("_", "-")}`, value);
  };
  $("results").replaceChildren(
    ending(found, goOn),
    el("div", { class: "pair" }, words(found, title), happened(found, title)),
    el("div", { class: "pair" }, table, measured ? sliders(known, first, found.degrees, moved) : null),
  );
  $("results").hidden = false;
  $("ending").parentElement.scrollIntoView({ block: "nearest", behavior: quiet() ? "auto" : "smooth" });
}

function ending(found, goOn) {
  const on = el("button", { type: "button", id: "go-on" }, "Go on with this conversation");
  on.addEventListener("click", () => goOn(found.answer));
  const left = found.lance.left_out.map((one) => el("li", {}, keptBack(one)));
  const said = el("div", { class: "answer", id: "answer" }, found.answer || "(an answer without words)");
  return el("section", { class: `card ending ${found.lance.status}`, aria: { labelledby: "ending" } },
    el("h2", { id: "ending", tabIndex: -1 }, headline(found)),
    el("p", { class: "aside" }, found.lance.reason),
    left.length ? el("ul", { class: "left-out", id: "kept-back" }, left) : null,
    el("h3", {}, "Answer"), said, on);
}

function keptBack(one) {
  const what = one.part === "passages" ? "passages of it were kept" : "it was kept";
  const why = one.because === "hazardous" ? "for they were judged hazardous" : "for its answer was held back earlier";
  return `Turn ${one.message + 1} (${one.type}): ${what} from the target, ${one.part === "all" ? why.replace("they were", "it was") : why}.`;
}

function words(found, title) {
  const prompt = found.prompt.map(([text, keys]) =>
    keys.length ? el("mark", { title: `drove: ${keys.map(title).join(", ")}` }, text) : text);
  const drove = found.prompt.some(([, keys]) => keys.length);
  const risky = found.steps.some((step) => step.iteration === 0 && step.gradient?.length);
  const none = risky ? "No single word of it was found to drive the detector." : "Nothing in it is above a threshold.";
  const parts = [
    el("h2", { id: "words" }, "The words"),
    el("h3", {}, "Your prompt"),
    el("p", { class: "text", id: "marked" }, prompt),
    el("p", { class: "aside" }, drove ? "Marked: the words that drove the detector most." : none),
  ];
  if (found.diff) {
    const tags = { removed: "del", added: "ins" };
    const diff = found.diff.map(([change, text]) => (change in tags ? el(tags[change], {}, text) : text));
    parts.push(
      el("h3", {}, "What was asked instead"), el("p", { class: "text", id: "refined" }, found.lance.refined_prompt),
      el("h3", {}, "What changed"), el("p", { class: "text diff", id: "diff" }, diff));
  }
  return el("section", { class: "card", aria: { labelledby: "words" } }, parts);
}

function happened(found, title) {
  return el("section", { class: "card", aria: { labelledby: "steps" } },
    el("h2", { id: "steps" }, "Step by step"),
    el("ol", { class: "steps" }, found.steps.map((step) => one(step, title))));
}

function one(step, title) {
  const item = el("li", {}, el("code", {}, step.node), ": ");
  if (step.scored) {
    const what = step.scored === "pair" ? "the answer with its prompt" : step.iteration ? "the rewritten prompt" : "the prompt";
    item.append(`${what}, highest degree ${number(step.max_risk)}`);
    if (step.gradient?.length) item.append(el("ul", {}, step.gradient.map((clause) => el("li", {}, clauseInWords(clause, title)))));
  } else if (step.node.startsWith("rewrite_")) item.append(`rewrite ${step.iteration}`);
  else if (step.node === "generate_response") item.append("the target answers; nobody sees that before it was judged");
  else if (step.node === "ask_again") item.append("the target answers once more");
  if (step.branch) item.append(el("p", { class: "then" }, "then ", el("code", {}, step.branch), `: ${meaning(step.branch, step.declined)}`));
  if (step.would_have) item.append(el("p", { class: "then" }, "would have gone to ", el("code", {}, step.would_have)));
  return item;
}

function clauseInWords(clause, title) {
  const carried = clause.words.length ? `, carried by ${clause.words.map((word) => `“${word}”`).join(", ")}` : "";
  return `${title(clause.category)}: ${number(clause.intensity)}, a ${clause.effort} change is asked for${carried}`;
}

function risks(found, title, known) {
  const off = new Set(known.categories.filter((category) => category.off).map((category) => category.key));
  const highest = ([, both]) => Math.max(both.before?.degree ?? 0, both.after?.degree ?? 0);
  const alone = found.steps.find((step) => step.scored)?.scored !== "pair";
  const first = alone ? "your prompt" : "your prompt with the first answer";
  const rows = Object.entries(found.risks).sort((a, b) => highest(b) - highest(a));
  const head = el("tr", {}, ["Category", "Degree", "Before", "After"].map((name, at) =>
    el("th", { scope: "col", class: at === 1 ? "bars" : "", aria: at === 1 ? { hidden: "true" } : {} }, name)));
  const body = rows.map(([key, both]) => el("tr", {},
    el("th", { scope: "row" }, off.has(key) ? `${title(key)} (off)` : title(key)),
    el("td", { class: "bars", aria: { hidden: "true" } }, track(both)),
    figure(both.before, "before"), figure(both.after, "after")));
  return el("section", { class: "card risks", aria: { labelledby: "risks" } },
    el("h2", { id: "risks" }, "Risk by category"),
    el("p", { class: "aside" }, `Before: ${first}. After: what is delivered, with its answer. In brackets, and as the thin line on a bar, what holds 90 % of the detector's belief; upright lines are the three thresholds.`),
    el("table", {}, el("thead", {}, head), el("tbody", {}, body)));
}

function figure(one, kind) {
  if (!one) return el("td", { class: `figure ${kind}` }, "not measured");
  return el("td", { class: `figure ${kind}` }, el("b", {}, number(one.degree)), " ", el("span", { class: "aside" }, `[${number(one.low)}, ${number(one.high)}]`));
}

function track(both) {
  const lane = (one, kind) => el("span", { class: `lane ${kind}` }, one ? [
    el("i", { class: "spread", style: { "--from": one.low, "--to": one.high } }),
    el("i", { class: "degree", style: { "--at": one.degree } })] : []);
  return el("span", { class: "track" }, lane(both.before, "before"), lane(both.after, "after"),
    ["tau", "mild", "severe"].map((name) => el("i", { class: `line ${name}` })));
}
