"""How well does the score tell topics apart on a real table of pages whose topic it never sees?

    python -m bench.relevance PAGES.csv

PAGES.csv has the columns URL, Title, Description and Topic. Five assets, written for this bench,
are compared with every page; the topic is used only to judge. AUC is the chance that a page of the
asset's topic scores above one of another topic; with topics shuffled among the pages it must be
0.5, or the measurement itself is wrong.
"""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path
from typing import NamedTuple

from outreach.imports.parsing import read_rows
from outreach.imports.recognition import recognise
from outreach.imports.rows import ParsedRow
from outreach.scoring.relevance import PageIndex, asset_vector, page_vector
from outreach.scoring.term_vectors import CollectionStats

SHUFFLES = 5


class Asset(NamedTuple):
    """A page of ours as a link builder would enter it, and the topic it is judged by."""

    topic: str
    title: str
    description: str
    keywords: tuple[str, ...]
    text: str


ASSETS = (
    Asset(
        "Security",
        "Field guide to finding and fixing vulnerabilities",
        "How attackers get in and how defenders notice: penetration testing, malware analysis, "
        "reverse engineering of binaries, incident response, forensics, and threat detection, "
        "with exercises for capture-the-flag beginners.",
        ("penetration testing", "malware", "exploit", "vulnerability", "forensics", "security"),
        "Start with reconnaissance: scan networks, enumerate services, collect passwords and "
        "hashes, crack weak ones. Learn web application flaws such as SQL injection and cross- "
        "site scripting, then privilege escalation on Linux and Windows. Analysts unpack packed "
        "executables, disassemble them, write YARA rules and hunt threats in logs. Defenders "
        "harden servers, encrypt traffic, use a VPN and Tor for privacy, block trackers, audit "
        "smart contracts, keep compliance lists and rehearse the response to an attack. Hackers "
        "meet at conferences and hackerspaces, and pick locks for fun.",
    ),
    Asset(
        "Databases",
        "Choosing and running a database",
        "A comparison of SQL and NoSQL databases for developers: PostgreSQL, MySQL, SQLite, "
        "Redis, MongoDB and Neo4j, with chapters on queries, indexes, replication, backup, "
        "monitoring, administration tools and client libraries.",
        ("database", "SQL", "PostgreSQL", "MySQL", "query", "NoSQL"),
        "A relational server keeps tables, a key-value store keeps keys, a graph store keeps "
        "nodes and relations, a time-series store keeps metrics. We compare drivers, ORMs and "
        "command-line clients, explain query plans and slow queries, sharding, clustering, high "
        "availability, connection pools, migrations and schema changes, full-text search and "
        "geospatial extensions. Backup and restore are rehearsed, and dashboards watch locks "
        "and storage.",
    ),
    Asset(
        "Gaming",
        "Making your first video game",
        "Game design and development for small teams: engines such as Unity and Godot, sprites, "
        "levels, physics, sound, multiplayer servers and emulators, and how classic arcade and "
        "console games were built.",
        ("game engine", "Unity", "Godot", "video games", "game development", "emulator"),
        "Draw pixel art and tiles, animate characters, compose chiptune music and sound "
        "effects, and put shaders and 3D models together. Programming chapters cover the game "
        "loop, collision, pathfinding, rendering with OpenGL or Vulkan, entity component "
        "systems and scripting in Lua or C#. Other chapters cover tabletop and solo role- "
        "playing games, dice, procedural dungeons, homebrew for the Game Boy, free assets, game "
        "jams, talks by developers and datasets of players.",
    ),
    Asset(
        "Front-End Development",
        "Modern front-end handbook",
        "Building fast and accessible web interfaces with HTML, CSS and JavaScript: React, Vue, "
        "Angular and Svelte components, state management, animation, layout, build tools, and "
        "testing in the browser.",
        ("JavaScript", "CSS", "React", "Vue", "components", "front-end"),
        "Write semantic markup and responsive layouts with flexbox and grid, style with Sass or "
        "Tailwind, draw SVG icons and canvas charts. Manage state with Redux, fetch data by "
        "GraphQL, route pages, render on the server with Next.js or Nuxt, type with TypeScript "
        "and bundle with webpack or Vite. Chapters on web performance, progressive web apps, "
        "typography, jQuery plugins, design systems, forms, tables, date pickers and user "
        "interface libraries follow.",
    ),
    Asset(
        "Health and Social Science",
        "Open data on health, mind and society",
        "Studies and tools for psychology, neuroscience, medicine, biology, education and social "
        "research: clinical records, mental health, patients, genomics, surveys and public policy.",
        ("health", "medicine", "psychology", "neuroscience", "mental health", "social science"),
        "Brain imaging and neurons, patients and hospitals, nutrition and disease, animals and "
        "their veterinarians and shelters. Historians and other humanities scholars digitise "
        "archives, museums and newspapers, map the past and annotate sources; sociologists ask "
        "people in surveys; psychologists run experiments on behaviour and memory. Courses, "
        "journals, podcasts and charities are listed by field.",
    ),
)


def read_pages(path: Path) -> list[ParsedRow]:
    return [row for row in read_rows(recognise(path)) if isinstance(row, ParsedRow)]


def auc(scores: list[float], relevant: list[bool]) -> float:
    """Return the chance that a relevant page outranks another; ties count half."""
    order = sorted(range(len(scores)), key=scores.__getitem__)
    ranks = [0.0] * len(scores)
    start = 0
    while start < len(order):
        end = start
        while end + 1 < len(order) and scores[order[end + 1]] == scores[order[start]]:
            end += 1
        for place in range(start, end + 1):
            ranks[order[place]] = (start + end) / 2 + 1
        start = end + 1
    hits = sum(relevant)
    total = sum(rank for rank, is_hit in zip(ranks, relevant, strict=True) if is_hit)
    return (total - hits * (hits + 1) / 2) / (hits * (len(scores) - hits))


def main(path: Path) -> None:
    pages = read_pages(path)
    began = time.process_time()
    stats = CollectionStats()
    vectors = [page_vector(title=page.title, description=page.description) for page in pages]
    for vector in vectors:
        stats.add(vector)
    index = PageIndex(vectors, stats)
    spent = time.process_time() - began
    print(f"{len(pages):,} pages indexed, {len(pages) / spent:,.0f} pages/CPU-s")
    shuffler = random.Random(20_260_101)
    real, shuffled = [], []
    for asset in ASSETS:
        began = time.process_time()
        ours = asset_vector(
            title=asset.title,
            description=asset.description,
            keywords=asset.keywords,
            text=asset.text,
        )
        scores = index.similarities(ours)
        spent = time.process_time() - began
        topics = [page.topic == asset.topic for page in pages]
        real.append(auc(scores, topics))
        for _ in range(SHUFFLES):
            shuffler.shuffle(topics)
            shuffled.append(auc(scores, topics))
        print(f"{asset.topic:28} AUC {real[-1]:.3f}   {sum(topics):5,} pages  {spent * 1e3:.0f} ms")
    print(f"{'mean':28} AUC {sum(real) / len(real):.3f}")
    print(f"{'mean with topics shuffled':28} AUC {sum(shuffled) / len(shuffled):.3f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
