"""What the administrator lays down, and what a server brings to the permissions of its rooms."""
