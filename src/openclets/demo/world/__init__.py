"""Makes the invented state from a seed: `make_world(size, seed, today) -> World`.

Pure: no clock, no store, no network. Each table draws from its own stream of chance (`chance.py`), so that
adding one thing does not reshuffle all the others. Misuse is not planted here. Design: architecture.md 7.
"""

from openclets.demo.world.make import make_world
from openclets.demo.world.size import SIZES, Size
from openclets.demo.world.world import World

__all__ = ["SIZES", "Size", "World", "make_world"]
