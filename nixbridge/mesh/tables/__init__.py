"""The builders' tables: parameters with defaults, types and allowed values, and the code that processes them."""
