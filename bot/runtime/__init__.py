"""One running process: its parts, servers and jobs, from start to stop."""
