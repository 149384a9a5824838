"""Agents of others, which run as processes of this server and speak the Agent Client Protocol."""
