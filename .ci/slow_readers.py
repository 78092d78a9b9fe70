"""Readers who take a big file a few bytes a second, and how long a page takes others meanwhile (run by make load).

Each slow reader comes from an address of its own (127.0.1.*), since one client is given four files at most.
"""

import os
import re
import socket
import sys
import threading
import time
import urllib.request
from statistics import median
from urllib.parse import urlsplit

ADDRESS = os.environ["ADDRESS"]
FILE, PAGE = "/citations.csv", "/about/"
READERS, PAGES, BOUND = 16, 40, 2.0


def fetched(path: str, **headers: str) -> bytes:
    request = urllib.request.Request(ADDRESS + path, headers=headers)  # noqa: S310 - our own address
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        return answer.read()


def seconds_for_a_page() -> float:
    begun = time.monotonic()
    fetched(PAGE)
    return time.monotonic() - begun


def files_on_their_way() -> int:
    metrics = fetched("/metrics", Authorization=f"Bearer {os.environ['METRICS_TOKEN']}").decode()
    return int(float(re.search(r"^eccp_files_running (\S+)", metrics, re.MULTILINE)[1]))


def read_slowly(number: int, told: list[str], is_over: threading.Event) -> None:
    where = urlsplit(ADDRESS)
    with socket.socket() as reader:
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        reader.bind((f"127.0.1.{number + 1}", 0))
        reader.connect((where.hostname, where.port))
        reader.sendall(f"GET {FILE} HTTP/1.1\r\nHost: {where.netloc}\r\n\r\n".encode())
        told.append(reader.recv(12).decode("ascii", "replace")[-3:])
        while not is_over.wait(1):
            reader.recv(16)


def main() -> int:
    size = len(fetched(FILE))
    alone = median(seconds_for_a_page() for _ in range(PAGES))
    told: list[str] = []
    is_over = threading.Event()
    threads = [threading.Thread(target=read_slowly, args=(number, told, is_over)) for number in range(READERS)]
    for thread in threads:
        thread.start()
    try:
        deadline = time.monotonic() + 60
        while len(told) < READERS and time.monotonic() < deadline:
            time.sleep(0.1)
        held = files_on_their_way()
        times = sorted(seconds_for_a_page() for _ in range(PAGES))
        still_held = files_on_their_way()
    finally:
        is_over.set()
        for thread in threads:
            thread.join()
    sys.stdout.write(
        f"{READERS} slow readers of {FILE} ({size / 1e6:.1f} MB): {told.count('200')} are given it, "
        f"{told.count('503')} are told to come back; {held} files on their way before the pages, {still_held} after.\n"
        f"{PAGE}: {alone * 1000:.0f} ms without them, {median(times) * 1000:.0f} ms with them, "
        f"slowest of {PAGES} {times[-1] * 1000:.0f} ms.\n"
    )
    is_proved = len(told) == READERS and still_held > 0 and times[-1] < BOUND
    sys.stdout.write("Slow readers keep nobody waiting.\n" if is_proved else "NOT PROVED.\n")
    return not is_proved


sys.exit(main())
