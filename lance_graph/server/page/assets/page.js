// The page: who may ask, what is typed, and one run at a time.
import { compare, isComparing, tabs } from "./compare.js";
import { addEarlier, compose, conversation, isEmpty } from "./compose.js";
import { $, el } from "./elements.js";
import { EXAMPLES } from "./examples.js";
import { begin, centre, light, reset, rest } from "./graph.js";
import { headline, show } from "./results.js";
import { about, run } from "./run.js";

const AGAIN = 1000;
const WAITING = {
  not_ready: "The server is loading its models …",
  rate_limit_exceeded: "This key has had its share of requests for now; waiting …",
};
let key = "";
let known = null;
let stopping = null;

const say = (text) => { $("now").textContent = text; };
const complain = (text) => { $("trouble").textContent = text; };

async function open() {
  for (;;) {
    try {
      known = await about(key);
      break;
    } catch (error) {
      if (!(error.code in WAITING)) return shut(error);
      say(WAITING[error.code]);
      await new Promise((go) => setTimeout(go, AGAIN));
    }
  }
  $("door").hidden = true;
  $("go").disabled = false;
  say("Nothing yet: the boxes light up as a run goes on.");
  complain("");
  parts();
  examples();
  tabs(known.compare, () => { $("results").hidden = true; });
  centre();
}

function shut(error) {
  if (error.status !== 401) {
    complain(`The server cannot be asked: ${error.message}`);
    return;
  }
  const wasTried = key !== "";
  key = "";
  $("go").disabled = true;
  $("door").hidden = false;
  $("door-says").textContent = wasTried ? "That is no key of this server." : "";
  if (wasTried) $("key").focus();
}

function parts() {
  const { target, refiner, detector } = known.offline;
  const own = [
    target ? "the answers come from the offline responder, which is no language model and says a few prepared things" : null,
    refiner ? "prompts are rewritten by the offline refiner, with grammar and word lists" : null,
    detector ? "risks are judged by the detector that comes with LANCE" : null,
  ].filter(Boolean);
  if (known.mode === "monitor") own.push("this server only watches, and passes everything on as it is");
  $("parts").hidden = !own.length;
  const how = target ? " Connect a model with lance-graph serve --target." : "";
  $("parts").textContent = own.length ? `${target ? "Works offline here:" : "Here"} ${own.join("; ")}.${how}` : "";
}

function examples() {
  const shown = EXAMPLES.filter((one) => !one.needs || !known.offline[one.needs]);
  $("examples").replaceChildren(...shown.map((one) => {
    const button = el("button", { type: "button", class: "example" }, one.name);
    button.addEventListener("click", () => {
      if (stopping) return;
      compose(one.messages);
      ask();
    });
    return el("li", {}, button);
  }));
  $("left-out").hidden = !known.offline.target;
  $("left-out").textContent = "A harmless prompt with a risky answer cannot be shown here: the offline responder never gives one.";
}

async function ask() {
  if (!known || stopping) return;
  if (isEmpty()) {
    $("prompt").focus();
    complain("There is nothing to ask yet.");
    return;
  }
  const stop = stopping = new AbortController();
  busy(true);
  complain("");
  $("results").hidden = true;
  try {
    if (isComparing()) {
      await compare(conversation(), key, stop.signal, known);
      return;
    }
    await begin();
    for await (const event of run(conversation(), key, stop.signal)) {
      stop.signal.throwIfAborted();
      if (event.kind === "progress") await light(event, say);
      else finish(event);
    }
  } catch (error) {
    failed(error, stop);
  } finally {
    rest();
    stopping = null;
    busy(false);
  }
}

function finish(found) {
  rest();
  show(found, known, goOn);
  say(headline(found));
}

function failed(error, stop) {
  reset();
  if (stop.signal.aborted) {
    say("Stopped.");
    return;
  }
  say("No answer.");
  complain(`${error.message.replace(/\.$/, "")}.`);
  if (error.status === 401) shut(error);
}

function goOn(answer) {
  const before = conversation();
  compose([...before, { role: "assistant", content: answer }, { role: "user", content: "" }]);
  $("prompt").focus();
}

function busy(on) {
  const hadFocus = document.activeElement === $(on ? "go" : "stop");
  $("go").disabled = on;
  $("go").hidden = on;
  $("stop").hidden = !on;
  if (hadFocus) $(on ? "stop" : "go").focus();
  document.querySelector("main").setAttribute("aria-busy", String(on));
}

function fresh() {
  compose([{ role: "user", content: "" }]);
  complain("");
}

$("key-form").addEventListener("submit", (event) => {
  event.preventDefault();
  key = $("key").value.trim();
  $("key").value = "";
  open().then(() => { if (known) $("prompt").focus(); });
});
$("ask").addEventListener("submit", (event) => { event.preventDefault(); ask(); });
$("ask").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); ask(); }
});
$("stop").addEventListener("click", () => stopping?.abort());
$("earlier").addEventListener("click", addEarlier);
$("clear").addEventListener("click", () => { fresh(); $("prompt").focus(); });

fresh();
open();
