"""The page at ``/``: somebody who is curious sees LANCE think.

`routes` are its addresses, `drawn` makes its HTML around the drawing of the graph, `about` is what it has to
know of the server, `telling` what it is told of a run, and what it is not, `comparing` what the target says
without LANCE; ``assets`` is what a browser gets:
plain HTML, CSS and modules of JavaScript, with no build and no other host.
"""
