"""One node a file: file = function = box in the drawing."""
