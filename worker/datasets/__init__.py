"""Datasets: what a release pins, and its files."""
