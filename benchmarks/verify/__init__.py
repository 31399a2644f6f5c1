"""Benchmarks of verification."""
