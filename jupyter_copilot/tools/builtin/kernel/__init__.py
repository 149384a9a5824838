"""Tools about the kernel: its state, documentation of what is in it, and scratch code."""
