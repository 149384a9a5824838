"""What tools are written with: the decorator, typed arguments, and their schema."""
