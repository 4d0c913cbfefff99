"""What can be set, where it may stand, and what it makes of the server."""
