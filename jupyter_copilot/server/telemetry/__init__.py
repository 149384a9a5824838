"""What is told of the rooms to those who run the server: audit sinks and metrics."""
