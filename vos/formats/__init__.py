"""Datasets on disk: for each format its reader and its writer."""
