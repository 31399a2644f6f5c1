"""Videos: a source becomes frames on a timeline."""
