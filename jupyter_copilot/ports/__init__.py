"""The ports: what the engine needs of the world, as protocols that adapters implement."""
