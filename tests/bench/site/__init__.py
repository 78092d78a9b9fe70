"""The registry itself, as it is served to the public, with one address more."""
