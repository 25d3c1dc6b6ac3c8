"""Service meshes: the functions of Nixernetes' module, and the rendering of their records."""
