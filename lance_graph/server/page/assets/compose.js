// The conversation as it is typed: earlier turns, and the prompt that is to be answered.
import { $, el } from "./elements.js";

const NAMES = { user: "You", assistant: "Assistant", tool: "Tool's result", system: "System" };
let turns = [];

/** Shows a conversation; focus stays where it is. */
export function compose(messages) {
  turns = messages.map((message) => ({ ...message }));
  draw();
}

export function addEarlier() {
  const at = Math.max(0, turns.findLastIndex((turn) => turn.role === "user"));
  turns.splice(at, 0, { role: "user", content: "" }, { role: "assistant", content: "" });
  draw();
  $(`turn-${at}`).focus();
}

/** The messages as the server takes them; earlier turns without words are left out. */
export function conversation() {
  return turns.filter((turn, at) => at === turns.length - 1 || turn.tool_calls || turn.content.trim());
}

export const isEmpty = () => !turns.at(-1)?.content?.trim();

function draw() {
  const last = turns.length - 1;
  $("turns").replaceChildren(...turns.map((turn, at) => (turn.tool_calls ? called(turn) : typed(turn, at, at === last))));
}

function called(turn) {
  const said = turn.tool_calls.map((call) => `${call.function.name}(${call.function.arguments})`).join("\n");
  return el("div", { class: "turn" }, el("span", { class: "who" }, "Assistant calls a tool"), el("code", { class: "call" }, said));
}

function typed(turn, at, isLast) {
  const id = isLast ? "prompt" : `turn-${at}`;
  const area = el("textarea", { id, rows: isLast ? 4 : 2, value: turn.content, placeholder: isLast ? "Ask something …" : "", spellcheck: true });
  area.addEventListener("input", () => { turn.content = area.value; });
  const earlier = isLast ? "" : " (earlier)";
  const label = el("label", { htmlFor: id, class: "who" }, isLast && turn.role === "user" ? "Your prompt" : `${NAMES[turn.role]}${earlier}`);
  const gone = isLast ? null : el("button", { type: "button", class: "small", aria: { label: `Remove turn ${at + 1}, ${NAMES[turn.role]}` } }, "Remove");
  gone?.addEventListener("click", () => {
    turns.splice(at, 1);
    draw();
    $("prompt").focus();
  });
  return el("div", { class: "turn" }, el("div", { class: "head" }, label, gone), area);
}
