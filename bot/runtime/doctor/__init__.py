"""The checks of `faultdesk doctor` and `/fault admin doctor`."""
