from annotation.models.assignment import Assignment

__all__ = ["Assignment"]
