"""A SAM 2 small enough for tests, with random weights that give masks worth comparing, and a clip for it."""

from functools import cache

import numpy as np
import torch
from transformers import Sam2VideoConfig, Sam2VideoModel

from worker.sam2.checkpoint import Checkpoint
from worker.sam2.image import Frame

torch.set_num_threads(1)

SIDE = 128
# Chosen so that masks are neither empty nor full and that some frames are held for occluded.
SEED, GAIN, SCORE_GAIN, SCORE_BIAS = 7, 1.5, 8, -6.4
HEIGHT, WIDTH, FRAMES = 90, 160, 10


def tiny_config(size: int = SIDE) -> Sam2VideoConfig:
    stride4, stride8, stride16 = size // 4, size // 8, size // 16
    return Sam2VideoConfig(
        image_size=size,
        vision_config={
            "backbone_config": {
                "model_type": "sam2_hiera_det_model",
                "hidden_size": 16,
                "image_size": [size, size],
                "blocks_per_stage": [1, 1, 2, 1],
                "embed_dim_per_stage": [16, 32, 64, 128],
                "num_attention_heads_per_stage": [1, 1, 2, 4],
                "window_size_per_stage": [8, 4, 8, 4],
                "window_positional_embedding_background_size": [8, 8],
                "global_attention_blocks": [3],
            },
            "backbone_channel_list": [128, 64, 32, 16],
            "backbone_feature_sizes": [[stride4] * 2, [stride8] * 2, [stride16] * 2],
            "fpn_hidden_size": 128,
        },
        prompt_encoder_config={"hidden_size": 128, "image_size": size},
        mask_decoder_config={
            "hidden_size": 128,
            "mlp_dim": 128,
            "num_attention_heads": 4,
            "iou_head_hidden_dim": 64,
        },
        memory_attention_hidden_size=128,
        memory_attention_num_layers=2,
        memory_attention_feed_forward_hidden_size=128,
        memory_attention_rope_feat_sizes=[stride16, stride16],
        memory_encoder_hidden_size=128,
        mask_downsampler_embed_dim=128,
        memory_fuser_embed_dim=128,
        memory_fuser_intermediate_dim=128,
    )


@cache
@torch.inference_mode(False)  # also when a test that infers asks for it first
def tiny_model(**changes: int) -> Sam2VideoModel:
    """`changes` are set on the configuration, e.g. max_cond_frame_num=1."""
    torch.manual_seed(0)
    config = tiny_config()
    for name, value in changes.items():
        setattr(config, name, value)
    model = Sam2VideoModel(config).eval()
    spread = torch.Generator().manual_seed(SEED)
    with torch.no_grad():
        for name, weights in model.named_parameters():
            if "norm" in name:
                continue
            scale = GAIN * weights[0].numel() ** -0.5 if weights.ndim > 1 else 0.1
            weights.normal_(0, 0.5 if "embed" in name else scale, generator=spread)
        score = model.mask_decoder.pred_obj_score_head.proj_out
        score.weight *= SCORE_GAIN
        score.bias.fill_(SCORE_BIAS)
    return model


def tiny_checkpoint(**changes: int) -> Checkpoint:
    return Checkpoint(tiny_model(**changes), "tiny")


class TinyClip:
    """Coloured blobs drifting over noise; counts how often each frame is decoded."""

    def __init__(self, frames: int = FRAMES, key: str | None = None) -> None:
        self.count = frames
        self.key = key
        self.decoded: list[int] = []

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, idx: int, /) -> Frame:
        self.decoded.append(idx)
        noise = np.random.default_rng(idx % 50).integers(0, 60, (HEIGHT, WIDTH, 3))
        rows, columns = np.mgrid[:HEIGHT, :WIDTH]
        for number, colour in enumerate([(190, 20, 10), (10, 190, 40), (20, 30, 180)]):
            x, y = 30 + 40 * number + 4 * (idx % 50), 25 + 18 * number
            noise[(rows - y) ** 2 + (columns - x) ** 2 < 14**2] += colour
        return noise.clip(0, 255).astype(np.uint8)


def blob(idx: int) -> np.ndarray:
    """Where the first blob is on a frame: bool [H, W]."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    return (rows - 25) ** 2 + (columns - 30 - 4 * idx) ** 2 < 14**2
