"""The facets that the yardstick counts: those that one GROUP BY each can count."""

FACETS = ("european_country", "european_region", "sector", "programme", "target_country", "stage", "agreement")
