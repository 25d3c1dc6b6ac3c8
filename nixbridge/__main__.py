"""`python -m nixbridge`."""

from nixbridge.cli.start import main

main()
