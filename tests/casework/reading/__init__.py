"""Tests of reading: levels, lists, the full record."""
