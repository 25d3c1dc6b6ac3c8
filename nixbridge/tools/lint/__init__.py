"""Checks of builder calls and of what a file's records mean together, without rendering them."""
