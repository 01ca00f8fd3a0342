"""The conversation: its turns (`turns`), the blocks of its messages (`blocks`), what is no word.

`opaque` tells data and structure from words; `editing` changes words and leaves data, `passages`
leaves out parts of what a tool brought; `document` finds the passages of a long prompt; `replies` reads a
mere reply with what it replies to; `own_data` knows whose data a call holds, and `calls` in what other
forms it reads; `delivered` is what of an answer goes out beside its words, `notices` what may be said
before them, `instructions` what the target is told beside the conversation.
"""
