"""SAM 2 over time: the model's modules from transformers, the loop over frames and objects ours. Torch only."""
