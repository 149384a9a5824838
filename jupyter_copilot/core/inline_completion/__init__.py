"""Inline completion, as far as it is pure: what is told of the code, in which shape, and what of an answer is shown."""
