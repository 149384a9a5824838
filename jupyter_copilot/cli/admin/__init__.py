"""Commands for administrators: stores of rooms, and the service of a Hub."""
