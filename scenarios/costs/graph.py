"""Places that links join: the cheapest ways to some of them, and the cheapest tree."""

import heapq
import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

Link = dict[str, Any]  # what is known of a link, by column


@dataclass(frozen=True)
class Graph:
    """Places by name with what is known of each, and the links of each to others, both ways."""

    nodes: dict[str, dict[str, Any]] = field(default_factory=dict)
    adj: dict[str, dict[str, Link]] = field(default_factory=dict)

    def __contains__(self, name: object) -> bool:
        """Return whether there is a place of this name."""
        return name in self.nodes

    def add_node(self, name: str, **about: object) -> None:
        """Add a place."""
        self.nodes[name] = about
        self.adj.setdefault(name, {})

    def add_edges_from(self, links: Iterable[tuple[str, str, Link]]) -> None:
        """Add links between places that are there; of a link that is there too, what is new."""
        for one, other, link in links:
            held = self.adj[one].setdefault(other, {})
            held.update(link)
            self.adj[other][one] = held

    def sum_along(self, way: Sequence[str], name: str) -> float:
        """Return the sum of a column over the links of a way."""
        total = 0.0
        for one, other in pairwise(way):
            total += self.adj[one][other][name]
        return total


def cheapest_ways(
    graph: Graph, sources: Collection[str], price: Callable[[str, str, Link], float | None]
) -> tuple[dict[str, float], dict[str, str]]:
    """Return what the cheapest way from any source costs, and the place before on it.

    ``price`` is asked for both ends and the link; None where it leads nowhere. Places that no way
    reaches are not named (Dijkstra, 1959).
    """
    cost = dict.fromkeys(sources, 0.0)
    before: dict[str, str] = {}
    done: set[str] = set()
    queue = [(0.0, number, source) for number, source in enumerate(cost)]
    pushed = len(queue)
    while queue:
        at, _, here = heapq.heappop(queue)
        if here in done:
            continue
        done.add(here)
        for there, link in graph.adj[here].items():
            more = price(here, there, link)
            if more is not None and there not in done and at + more < cost.get(there, math.inf):
                cost[there], before[there] = at + more, here
                heapq.heappush(queue, (at + more, pushed, there))
                pushed += 1
    return cost, before


def way_to(node: str, before: Mapping[str, str]) -> list[str]:
    """Return the way to a place from its source, by the place before each."""
    way = [node]
    while way[-1] in before:
        way.append(before[way[-1]])
    return way[::-1]


class Groups:
    """Names in groups that join, each known by one of its names."""

    def __init__(self, names: Iterable[str]) -> None:
        self._above = {name: name for name in names}

    def __getitem__(self, name: str) -> str:
        """Return the name by which the group of a name is known."""
        while self._above[name] != name:
            self._above[name] = name = self._above[self._above[name]]
        return name

    def join(self, one: str, other: str) -> None:
        """Make one group of those of two names."""
        self._above[self[one]] = self[other]


def cheapest_tree(links: Iterable[tuple[str, str, float]], root: str) -> dict[str, str]:
    """Return the place before each on the cheapest tree from a root, in order of links from it.

    Of links that cost the same the first counts (Kruskal, 1956).
    """
    adjacent: dict[str, dict[str, float]] = {root: {}}
    for one, other, cost in links:
        adjacent.setdefault(one, {})[other] = cost
        adjacent.setdefault(other, {})[one] = cost
    place = {name: number for number, name in enumerate(adjacent)}
    each_once = [
        (cost, one, other)
        for one, others in adjacent.items()
        for other, cost in others.items()
        if place[one] <= place[other]
    ]
    groups = Groups(adjacent)
    tree: dict[str, list[str]] = {name: [] for name in adjacent}
    for _, one, other in sorted(each_once, key=lambda link: link[0]):
        if groups[one] != groups[other]:
            groups.join(one, other)
            tree[one].append(other)
            tree[other].append(one)
    before, waiting = {root: root}, [root]
    for here in waiting:
        ahead = [there for there in tree[here] if there not in before]
        before.update(dict.fromkeys(ahead, here))
        waiting += ahead
    del before[root]
    return before
