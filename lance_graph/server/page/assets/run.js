// Asking the server: what it has to say of itself, and a run as server-sent events.
export class Refused extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const headers = (key) => (key ? { Authorization: `Bearer ${key}` } : {});

async function refused(response) {
  let error = {};
  try {
    error = (await response.json()).error ?? {};
  } catch {
    // a proxy's answer, perhaps: the status says enough
  }
  return new Refused(response.status, error.code, error.message ?? `the server answered ${response.status}`);
}

export async function about(key) {
  const response = await fetch("page/about", { headers: headers(key), cache: "no-store" });
  if (!response.ok) throw await refused(response);
  return response.json();
}

/** The events of a run, the answer last; `Refused` for an error, wherever it comes. */
export async function* run(messages, key, signal, method = "lance") {
  const response = await fetch("page/run", {
    method: "POST",
    headers: { ...headers(key), "Content-Type": "application/json" },
    body: JSON.stringify({ messages, method }),
    signal,
  });
  if (!response.ok) throw await refused(response);
  for await (const line of lines(response.body)) {
    if (line === "data: [DONE]") return;
    if (!line.startsWith("data: ")) continue;
    const event = JSON.parse(line.slice(6));
    if (event.error) throw new Refused(200, event.error.code, event.error.message);
    yield event;
  }
  throw new Refused(200, "cut_off", "the connection ended before the answer came");
}

async function* lines(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const found = (rest + value).split("\n");
      rest = found.pop();
      yield* found;
    }
  } finally {
    await reader.cancel().catch(() => {}); // whoever stopped reading wants no more of it
  }
}
