"""The yardstick: the same list on the same data, as a Django project usually writes it."""
