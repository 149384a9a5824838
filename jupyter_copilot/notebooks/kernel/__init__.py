"""A notebook's kernel: its connection, a cell's run on it, and its messages as outputs."""
