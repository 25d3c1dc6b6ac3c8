"""Random inputs against one promise: nothing but nixbridge's own errors, no crash, no hang. `python -m tests.fuzz --help`"""
