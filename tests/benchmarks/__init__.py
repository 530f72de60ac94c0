"""How quick things are, measured by hand: `python -m tests.benchmarks --help`. Nothing here runs as a test."""
