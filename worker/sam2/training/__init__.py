"""The trainer: the recipe of the bundled checkpoint (`python -m worker.sam2.training`) and fine-tuning (`finetune`)."""
