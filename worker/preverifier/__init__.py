"""The pre-verifier: a small model that looks at submitted masklets first, and says whether, where and why."""
