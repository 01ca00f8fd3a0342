// The drawing: the box where the run is, those where it was, and the ways that it took.
import { $, number, plural, quiet } from "./elements.js";

const PACE = 320;
const BRANCHES = {
  generate_response: "the prompt is safe, the target is asked",
  ask_again: "only the answer is hazardous: the target is asked again",
  rewrite_mild: "to be said in other words",
  rewrite_severe: "to be turned to its nearest legitimate intent",
  fall_back: "a prepared answer takes over",
  review: "a person decides",
  deliver: "the exchange is safe and goes out",
  open_turn: "beginning again",
};
const DECLINED = "the target declined what it was asked instead";
/** Where a branch leads, in words; `declined` says that a harmless rewrite was not answered. */
export function meaning(branch, declined = false) {
  if (!declined) return BRANCHES[branch] ?? branch;
  return branch.startsWith("rewrite_") ? `${DECLINED}, which is asked otherwise` : `${DECLINED}; ${BRANCHES[branch] ?? branch}`;
}

let at = null;
const classes = ["now", "was", "took", "would"];

export function reset() {
  for (const one of $("drawing").querySelectorAll(".now, .was, .took, .would")) one.classList.remove(...classes);
  at = null;
}

export function rest() {
  for (const one of $("drawing").querySelectorAll(".now")) one.classList.replace("now", "was");
}

/** Outlines the box to which other thresholds would lead; none without a name. */
export function would(branch) {
  for (const one of $("drawing").querySelectorAll(".would")) one.classList.remove("would");
  if (branch) $(`box-${branch}`)?.classList.add("would");
}

async function move(to) {
  if (at === to) return;
  if (at) {
    $(`box-${at}`)?.classList.replace("now", "was");
    $(`way-${at}-${to}`)?.classList.add("took");
  }
  at = to;
  const box = $(`box-${to}`);
  box?.classList.add("now");
  if (box) follow(box);
  if (!quiet()) await new Promise((go) => setTimeout(go, PACE));
}

/** Where the drawing is wider than its place, the box where the run is comes into view. */
function follow(box) {
  const place = $("drawing");
  if (place.scrollWidth <= place.clientWidth) return;
  const inner = box.getBoundingClientRect();
  const outer = place.getBoundingClientRect();
  const left = place.scrollLeft + inner.left - outer.left - (outer.width - inner.width) / 2;
  place.scrollTo({ left, behavior: quiet() ? "auto" : "smooth" });
}

/** The middle of the drawing in view, before anything has happened. */
export const centre = () => follow($("box-score_risk"));

export async function begin() {
  reset();
  await move("__start__");
  await move("open_turn");
}

/** Shows an event; gives it in words, or nothing where there is nothing new to say. */
export async function light(event, say) {
  if (event.lance === "scored") {
    await move("score_risk");
    const what = event.scored === "pair" ? "the answer with its prompt" : "the prompt";
    const found = event.hazards ? plural(event.hazards, "category", "categories") : "no category";
    say(`score_risk: ${what}, ${found} above the threshold (highest ${number(event.max_risk)})`);
  } else if (event.lance === "routed") {
    await move("score_risk");
    say(`${event.branch}: ${meaning(event.branch, event.declined)}`);
    await move(event.branch);
  } else if (event.lance === "rewriting") {
    say(`${at}: rewriting, attempt ${event.iteration}`);
  } else if (event.lance === "answering") {
    say(`${at}: the target has the prompt`);
  } else if (event.lance === "delivered") {
    await move("__end__");
  }
}
