"""The builders' tables: parameters with their defaults, types and allowed values, and what loops over them."""
