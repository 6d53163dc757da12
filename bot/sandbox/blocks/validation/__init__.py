"""Block Kit's rules. Where sources disagree or are silent, the stricter reading is enforced.

Messages seen from Slack are imitated to the letter, with their json-pointers; not seen, and worded here by
analogy: too few items, a repeated block_id, a second `focus_on_load`, options that do not match.
"""
