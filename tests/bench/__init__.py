"""``make bench``: this registry, the typical stack, Datasette and the limits, measured side by side in one run."""
