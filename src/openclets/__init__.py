"""openclets: a police records network and its conscience, in one system."""

__version__ = "0.1.0"
