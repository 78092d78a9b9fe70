"""The trial: the real programs on loopback, started, loaded, hurt and stopped; each line it prints was proved."""
