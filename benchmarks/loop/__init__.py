"""The whole loop, unattended: people and machines around one project, round after round."""
