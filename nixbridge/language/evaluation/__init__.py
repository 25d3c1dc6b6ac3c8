"""The one room that knows both compiler and runtime."""
