"""How the boxes run, without a word of what they do.

`steps` runs a node written once sync or async, `threads` makes blocking calls, `crew` has threads that come
and go with the work, `patience` says how long one may last and when it is made again, `forking` keeps locks
usable in a forked child; `quiet` makes inner calls that no stream hears, `replay` says the judged answer
aloud, `events` reports progress, `tracing` makes spans, `failures` says what may be said of an error, `usage`
counts tokens, `originals` keeps what a target demands back; `langgraph_internals` has every name that
LangChain and LangGraph do not promise to keep.
"""
