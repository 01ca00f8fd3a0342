"""One node a file: file = function = box in the drawing.

`open_turn`, `score_risk`, `rewrite_mild`, `rewrite_severe`, `generate_response`, `ask_again`, `fall_back`,
`review`, `deliver`.
"""
