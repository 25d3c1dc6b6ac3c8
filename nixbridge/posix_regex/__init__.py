"""Regular expressions: POSIX extended, over bytes, in bounded time."""
