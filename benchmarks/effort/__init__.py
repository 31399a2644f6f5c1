"""Simulated annotators who work through the HTTP API of a running Maskloop, and what their work costs."""
