"""What the project says to agents: its instructions, and skills that are read on demand."""
