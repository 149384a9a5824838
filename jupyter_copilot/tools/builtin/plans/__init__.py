"""Plans: those that people decide on, and those that they see being done."""
