"""SAM 2 on a project's videos: a click's mask, a propagation's masks. Torch comes with the modules that need it."""
