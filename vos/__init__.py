"""Masks of videos and their formats: pure functions, without Django, torch or S3."""
