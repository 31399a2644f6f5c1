"""A worker whose propagations hang inside C: an app that real processes load by their settings."""
