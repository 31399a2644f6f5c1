"""Retraining: footage from a release, training, evaluation."""
