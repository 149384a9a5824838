"""Permission: what may happen without asking, what asks, and what is refused."""
