"""What the registry promises, each promise a test."""
