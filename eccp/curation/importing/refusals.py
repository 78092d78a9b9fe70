"""What an import will not do, in words for the curator."""


class RefusedError(ValueError):
    """A file, a column or a cell that is not read; the message says what is wrong and what to do."""
