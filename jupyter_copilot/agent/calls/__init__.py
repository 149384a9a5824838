"""The calls of a run: proposed, decided, carried out, and found again after a crash."""
