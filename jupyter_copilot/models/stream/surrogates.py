"""Characters whose two UTF-16 halves came in two chunks."""

from __future__ import annotations


class Halves:
    """Puts the halves of one text's characters together; half a character waits for the other half."""

    def __init__(self) -> None:
        self._half = ""

    def joined(self, text: str) -> str:
        """The text of a chunk with the half that waited before it, and without the half at its end."""
        if not text:
            return ""
        text, self._half = self._half + text, ""
        if "\ud800" <= text[-1] <= "\udbff":
            text, self._half = text[:-1], text[-1]
        return joined(text)


def joined(text: str) -> str:
    """The text with its surrogates in pairs made characters; a lone one becomes U+FFFD."""
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
