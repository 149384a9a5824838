"""The room: one notebook's shared log, its sessions, and everything that is shown live."""
