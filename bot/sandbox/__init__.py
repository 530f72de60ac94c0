"""Pretend platforms on loopback, for the demo and the tests; nothing outside this package knows of it."""
