"""The evidence pack: a ZIP file with its index, its checksums and the script that verifies it."""
