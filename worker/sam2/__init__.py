"""SAM 2 over time: the model's modules from transformers, the loop over frames and objects ours. Torch only."""

import os

# Before torch is imported: threads that wait for work sleep instead of spinning. On two busy cores spinning made
# propagation 20 times slower (0.4 instead of 8.8 frames/s).
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
