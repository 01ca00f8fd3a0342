"""A conversation in the terminal: what `lance-graph chat` needs.

`conversation` asks the graph, turn by turn; `telling` says what happens meanwhile and how it came out;
`loop` reads what is typed, and knows the commands.
"""
