"""The service-mesh builders of Nixernetes, a table each."""
