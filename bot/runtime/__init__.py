"""One running process: its parts, its servers, its jobs, its end."""
