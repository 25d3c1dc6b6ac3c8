#!python
# The installed command `nixbridge`, as it stands: what installers generate for an entry point imports `re` first, a quarter of the
# start-up. The first line is put right by the installer.
from nixbridge.cli.start import main

if __name__ == "__main__":
    main()
