"""The pure core: state, its fold, decisions and policy; no I/O, no clock, no randomness."""
