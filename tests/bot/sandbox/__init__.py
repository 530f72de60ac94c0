"""Tests of the pretend platforms."""
