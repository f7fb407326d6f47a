"""The version, apart from the library so that every layer may know it."""

__version__ = "0.1.0"
