"""The evidence pack: a ZIP file with documents, an index, checksums and a script that verifies it."""
