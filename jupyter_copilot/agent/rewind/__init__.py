"""Rewind: a notebook put back to how it was before an answer, once people agree."""
