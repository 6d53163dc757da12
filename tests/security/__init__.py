"""Tests of what must not be possible, against the running bot."""
