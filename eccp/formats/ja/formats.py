"""Japanese: 2026年11月22日 9:05, 12,500."""

DATETIME_FORMAT = "Y年n月j日 G:i"
FIRST_DAY_OF_WEEK = 0
# Django's Japanese groups nothing.
NUMBER_GROUPING = 3
