"""Golden traces of the fold, shared by Python and TypeScript."""
