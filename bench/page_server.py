"""A web server as small as can be, in a process of its own, so that its CPU is not the client's.

`python -m bench.page_server [--corpus FOLDER] [--size BYTES]` prints its port and serves
`/p/<number>` packed with gzip; every page links to us. `/robots.txt` is missing, as on many sites.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import random
import re
from pathlib import Path

LINK = '<p>We learned much from <a href="https://ours.example/guide">the guide</a> to soil.</p>'
WORDS = re.findall(
    r"\w+",
    "soil garden compost water light season seed root leaf tool guide expert harvest winter frost "
    "bed path green house early late plant bloom bee worm",
)


def make_pages(corpus: str, size: int, count: int) -> list[bytes]:
    """Return pages that link to us: real ones from a folder, or made ones of about a size."""
    if corpus:
        files = sorted([*Path(corpus).rglob("*.html"), *Path(corpus).rglob("*.html.gz")])[:count]
        return [_with_link(_content_of(file)) for file in files]
    return [made_page(number, size) for number in range(count)]


def made_page(number: int, size: int) -> bytes:
    """Make a page of navigation, paragraphs with links, a sidebar and a footer."""
    dice = random.Random(number)
    parts = [f"<!doctype html><html lang=en><head><title>Page {number}</title></head><body><nav>"]
    parts += [f'<a href="/n/{place}">{dice.choice(WORDS)}</a> ' for place in range(12)]
    parts.append('</nav><main class="content"><article>')
    length, is_placed = 0, False
    while length < size:
        words = " ".join(dice.choices(WORDS, k=60))
        part = (
            f'<div class="block"><h2>{words[:30]}</h2><p>{words}. '
            f'<a rel="noopener" href="https://s{dice.randrange(99)}.example/{words[:8]}">'
            f"{words[8:20]}</a> {words[20:90]}.</p></div>"
        )
        parts.append(part)
        length += len(part)
        if not is_placed and length > size * 0.63:
            parts.append(LINK)
            is_placed = True
    parts.append("</article></main><aside><ul>")
    parts += [f'<li><a href="/s/{place}">{dice.choice(WORDS)}</a></li>' for place in range(20)]
    parts.append("</ul></aside><footer>Imprint</footer></body></html>")
    return "".join(parts).encode()


def _content_of(file: Path) -> bytes:
    return gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()


def _with_link(html: bytes) -> bytes:
    head, body, tail = html.rpartition(b"</body>")
    return (head + LINK.encode() + body + tail) if body else html + LINK.encode()


class _Server(asyncio.Protocol):
    def __init__(self, answers: list[bytes]) -> None:
        self._answers = answers

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        path = data.split(b" ", 2)[1]
        if path.startswith(b"/p/"):
            self._transport.write(self._answers[int(path[3:]) % len(self._answers)])
        else:
            self._transport.write(b"HTTP/1.1 404 None\r\nContent-Length: 0\r\n\r\n")


async def _serve(answers: list[bytes]) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Server(answers), "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--corpus", default="")
    parser.add_argument("--size", type=int, default=10_000)
    parser.add_argument("--count", type=int, default=400)
    given = parser.parse_args()
    answers = []
    for page in make_pages(given.corpus, given.size, given.count):
        packed = gzip.compress(page, 6)
        head = (
            "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
            f"Content-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n"
        )
        answers.append(head.encode() + packed)
    asyncio.run(_serve(answers))


if __name__ == "__main__":
    main()
