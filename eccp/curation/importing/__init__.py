"""Import: a table taken from a list, edited in a spreadsheet, comes back and changes exactly what was edited.

file → table (tables.py) → columns and what they change (bindings.py) → cells read, a spreadsheet's damage undone or
refused (cells.py, names.py) → changes (planning.py) → rehearsed, then stored all or none (running.py)
"""
