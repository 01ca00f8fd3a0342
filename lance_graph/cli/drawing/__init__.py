"""The graph as a picture: what `lance-graph draw` needs beside LangGraph's own drawing.

`branches` are the words on the conditional edges; `layout` says where boxes, lines and words stand;
`svg` and `png` draw that, in the colours of `colours`.
"""
