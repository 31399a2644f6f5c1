"""Models of the real families, small and with random weights: what they find is nonsense, how it comes is not."""

import numpy as np
import pytest
import torch
from transformers import (
    BertTokenizer,
    CLIPTextConfig,
    CLIPTokenizer,
    GroundingDinoConfig,
    GroundingDinoForObjectDetection,
    GroundingDinoProcessor,
    Owlv2Config,
    Owlv2ForObjectDetection,
    Owlv2Processor,
    Sam3Config,
    Sam3Model,
)
from transformers.models.grounding_dino.image_processing_pil_grounding_dino import (
    GroundingDinoImageProcessorPil,
)
from transformers.models.owlv2.image_processing_pil_owlv2 import Owlv2ImageProcessorPil

from worker.sam2.concepts import MOST_BOXES, MOST_WORDS, Concepts, load

WORDS = ["Cat", "dog ", "cat", ""]
FRAME = np.random.default_rng(0).integers(0, 256, (60, 100, 3), dtype=np.uint8)


def letters(ending: str = "") -> list[str]:
    return [letter + ending for letter in "abcdefghijklmnopqrstuvwxyz."]


def clip_tokenizer(**changes: object) -> CLIPTokenizer:
    vocabulary = {
        token: number
        for number, token in enumerate(
            [*letters(), *letters("</w>"), "!", "<|startoftext|>", "<|endoftext|>"]
        )
    }
    return CLIPTokenizer(vocab=vocabulary, merges=[], **changes)


def grounding_dino() -> tuple[object, object]:
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ".", "?", "cat", "dog"]
    tokenizer = BertTokenizer(vocab={word: number for number, word in enumerate(words)})
    config = GroundingDinoConfig(
        backbone_config={
            "model_type": "swin",
            "image_size": 64,
            "embed_dim": 12,
            "depths": [1, 1, 1, 1],
            "num_heads": [1, 1, 2, 2],
            "window_size": 4,
            "out_features": ["stage2", "stage3", "stage4"],
        },
        text_config={
            "model_type": "bert",
            "vocab_size": 30,
            "hidden_size": 16,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "intermediate_size": 16,
            "max_position_embeddings": 64,
        },
        d_model=32,
        encoder_layers=1,
        decoder_layers=2,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=16,
        decoder_ffn_dim=16,
        num_queries=8,
        num_feature_levels=3,
        max_text_len=64,
    )
    processor = GroundingDinoProcessor(
        GroundingDinoImageProcessorPil(size={"shortest_edge": 64, "longest_edge": 96}), tokenizer
    )
    return GroundingDinoForObjectDetection(config), processor


def owlv2() -> tuple[object, object]:
    config = Owlv2Config(
        text_config={
            "vocab_size": 64,
            "hidden_size": 16,
            "intermediate_size": 16,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "max_position_embeddings": 16,
        },
        vision_config={
            "hidden_size": 16,
            "intermediate_size": 16,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "image_size": 64,
            "patch_size": 16,
        },
        projection_dim=16,
    )
    processor = Owlv2Processor(
        Owlv2ImageProcessorPil(size={"height": 64, "width": 64}),
        clip_tokenizer(model_max_length=16, pad_token="!"),
    )
    return Owlv2ForObjectDetection(config), processor


def sam3() -> tuple[object, object]:
    small = {"hidden_size": 32, "num_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
    config = Sam3Config(
        vision_config={
            "backbone_config": {
                "model_type": "sam3_vit_model",
                "hidden_size": 32,
                "intermediate_size": 32,
                "num_hidden_layers": 1,
                "num_attention_heads": 2,
                "image_size": 112,
                "patch_size": 14,
                "window_size": 4,
                "global_attn_indexes": [0],
                "pretrain_image_size": 112,
            },
            "fpn_hidden_size": 32,
            "backbone_feature_sizes": [[32, 32], [16, 16], [8, 8]],
        },
        text_config=CLIPTextConfig(
            vocab_size=64,
            hidden_size=32,
            intermediate_size=32,
            projection_dim=32,
            num_hidden_layers=1,
            num_attention_heads=2,
            max_position_embeddings=32,
        ).to_dict(),
        geometry_encoder_config=small,
        detr_encoder_config=small,
        detr_decoder_config={**small, "num_queries": 8},
        mask_decoder_config={"hidden_size": 32, "num_attention_heads": 2},
    )
    return Sam3Model(config), clip_tokenizer(model_max_length=32)


FAMILIES = {"grounding-dino": grounding_dino, "owlv2": owlv2, "sam3": sam3}


@pytest.mark.parametrize("family", FAMILIES)
def test_boxes_are_of_the_frame_and_carry_the_words_of_the_project(family):
    torch.manual_seed(0)
    concepts = Concepts(*FAMILIES[family](), WORDS, threshold=0.0)

    found = concepts(FRAME)

    assert found
    assert len(found) <= MOST_BOXES
    assert [score for *_, score in found] == sorted((score for *_, score in found), reverse=True)
    for (x0, y0, x1, y1), word, score in found:
        assert 0 <= x0 < x1 <= 100
        assert 0 <= y0 < y1 <= 60
        assert word in ("cat", "dog", "")
        assert 0 <= score <= 1
    assert {word for _, word, _ in found} & {"cat", "dog"}


@pytest.mark.parametrize("family", FAMILIES)
def test_what_is_less_sure_than_the_threshold_is_not_found(family):
    assert Concepts(*FAMILIES[family](), WORDS, threshold=1.0)(FRAME) == []


@pytest.mark.parametrize("family", FAMILIES)
def test_a_model_is_loaded_by_its_folder(family, tmp_path):
    model, processor = FAMILIES[family]()
    model.save_pretrained(tmp_path)
    processor.save_pretrained(tmp_path)

    concepts = load(tmp_path, WORDS, threshold=0.0)

    assert concepts.words == ["cat", "dog"]
    assert concepts(FRAME)


def test_another_model_is_refused_by_name(tmp_path):
    CLIPTextConfig().save_pretrained(tmp_path)

    with pytest.raises(ValueError, match=r"MASKLOOP_CONCEPTS names .* 'clip_text_model'"):
        load(tmp_path, WORDS)
    with pytest.raises(ValueError, match="MASKLOOP_CONCEPTS names"):
        load(tmp_path / "nothing", WORDS)


@pytest.mark.parametrize("words", [[], ["", " "], [f"word {number}" for number in range(MOST_WORDS + 1)]])
def test_no_words_and_too_many_are_refused(words):
    with pytest.raises(ValueError, match=r"looks for 1 to"):
        Concepts(torch.nn.Identity(), None, words)
