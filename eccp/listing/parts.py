"""Parts of a file, or of so much memory: written once, one after another, and then only looked at.

Parts are named; a table at the end says where each begins, so that opening a file reads nothing else of it.
"""

import json
import mmap
from array import array
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, BinaryIO

_WIDTH = 8  # bytes; every part begins at a multiple


class Pieces(Sequence):
    """Byte strings of any length, one after another."""

    def __init__(self, joined: memoryview, ends: memoryview):
        self._joined, self._ends = joined, ends

    def __len__(self):
        return len(self._ends)

    def __getitem__(self, at):
        return bytes(self._joined[self._ends[at - 1] if at else 0 : self._ends[at]])


class Made(Sequence):
    """What ``make`` gives of each of a sequence, made when it is asked for."""

    def __init__(self, make: Callable[[Any], Any], of: Sequence):
        self._make, self._of = make, of

    def __len__(self):
        return len(self._of)

    def __getitem__(self, at):
        return self._make(self._of[at])

    def __iter__(self):
        return map(self._make, self._of)


class Parts:
    """What was written, looked at."""

    def __init__(self, buffer):
        self._buffer = memoryview(buffer)
        self.is_in_file = isinstance(buffer, mmap.mmap)
        size = int.from_bytes(self._buffer[-_WIDTH:], "little")
        self.contents = json.loads(bytes(self._buffer[-_WIDTH - size : -_WIDTH]))

    @property
    def token(self) -> tuple:
        """The data version at which it was read."""
        number, at = self.contents["token"]
        return number, at and datetime.fromisoformat(at)

    def part(self, name: str) -> memoryview:
        start, end = self.contents["parts"][name]
        return self._buffer[start:end]

    def array(self, name: str, kind: str = "I") -> memoryview:
        return self.part(name).cast(kind)

    def pieces(self, name: str) -> Pieces:
        return Pieces(self.part(name), self.array(f"ends of {name}", "Q"))

    def texts(self, name: str) -> Sequence[str]:
        return Made(bytes.decode, self.pieces(name))


class Writer:
    """Puts parts one after another, and the table of them at the end."""

    def __init__(self, file: BinaryIO):
        self._file, self._at, self.parts = file, 0, {}

    def put(self, name: str, blocks: Iterable[bytes]) -> None:
        start = self._at
        for block in blocks:
            self._at += self._file.write(block)
        self.parts[name] = [start, self._at]
        self._at += self._file.write(bytes(-self._at % _WIDTH))

    def array(self, name: str, kind: str, numbers: Iterable[int]) -> None:
        self.put(name, [array(kind, numbers).tobytes()])

    def pieces(self, name: str, pieces: Iterable[bytes]) -> None:
        ends, end = array("Q"), 0

        def counted():
            nonlocal end
            for piece in pieces:
                end += len(piece)
                ends.append(end)
                yield piece

        self.put(name, counted())
        self.array(f"ends of {name}", "Q", ends)

    def texts(self, name: str, texts: Iterable[str]) -> None:
        self.pieces(name, map(str.encode, texts))

    def finish(self, token: tuple, **contents) -> None:
        number, at = token
        table = json.dumps({"parts": self.parts, "token": [number, at and at.isoformat()], **contents}).encode()
        self._file.write(table + len(table).to_bytes(_WIDTH, "little"))
