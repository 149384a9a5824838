"""A run of the room as events of the Agent-User Interaction protocol (AG-UI 1.0), for front ends that speak it."""
