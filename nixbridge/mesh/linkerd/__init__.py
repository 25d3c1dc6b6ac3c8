"""Linkerd's installation."""
