"""Meshes as Helm values: releases, settings, configuration and observability."""
