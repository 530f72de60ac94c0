"""Tests of the demo page and the server behind it."""
