"""The conversation: its turns (`turns`), the blocks of its messages (`blocks`), what is no word.

`opaque` tells data and structure from words.
"""
