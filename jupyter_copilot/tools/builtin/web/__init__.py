"""Reading pages of the web, never of the server's own network."""
