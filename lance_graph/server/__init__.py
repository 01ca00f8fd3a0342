"""The server that speaks OpenAI's protocol (`lance-graph serve`). Nothing outside this package imports it.

- The application: `app` puts it together, `service` is what its requests share, `settings` its limits.
- What comes in: `bodies` reads it, `requests` and `messages` say what it may hold, `thresholds` how far a
  client may set them, `targets` what of it the target is given, `instructions` what of it is
  judged beside the conversation.
- A run: `chat` leads a conversation through the graph, `running` waits for it, within a time and as long as
  the client does.
- What goes out: `completions` (an answer whole and in chunks), `streams` (server-sent events), `verdicts`
  (what a client sees of one), `errors`, `moderations` (the detector's word alone).
- Who may come in: `keys`, `gate`.
- What is kept: `metrics`, `logs`, and `edge`, through which every request passes.
- Rooms: ``commands`` (`lance-graph serve`), ``page`` (what a browser sees at ``/``).
"""
