"""The average, made as sure as it is right."""

from __future__ import annotations

from pydantic import Field

from components.fusion.class_scores import class_probabilities, in_form_of_target
from components.fusion.layout import layout
from components.fusion.writer import GraphWriter


@layout(
    title="Temperature scaling",
    family="output space",
    chinese="并联 · 温度校准",
    summary="The members' predictions are averaged, and one number makes the average as sure as it is right.",
    formula="p = softmax(log(p̄) / T), p̄ = (1/M) Σ p_m",
    reference="Guo et al., 2017; Rahaman & Thiery, 2021",
    options={"temperature": Field(ge=0, le=1000, description="What the logits are divided by. 0: it is learned, from 1 on.")},
)
def temperature(writer: GraphWriter, temperature: float = 0.0) -> None:
    """The mean of probabilities through a temperature: the pool is calibrated, not the members."""
    pool = writer.operate("average", [class_probabilities(writer, member, "A temperature") for member in writer.members])
    logits = writer.adapt("log", pool, "a temperature divides logits", pool)
    if temperature:
        scaled = writer.operate("temperature", [logits], temperature=temperature)
    else:
        scaled = writer.operate("learned-temperature", [logits], id="temperature")
    writer.output(in_form_of_target(writer, scaled))
