"""Block Kit's rules (slack-platform.md §2). Where sources disagree or say nothing, the stricter reading is enforced.

Error messages that were observed in Slack are reproduced verbatim, with their JSON pointers (slack-platform.md §2.4).
Four messages were not observed and are worded by analogy: too few items, a repeated block_id, a second
`focus_on_load`, and options that do not match.
"""
