"""A session: one connection's life in a room, from its handshake to the last frame it is sent."""
