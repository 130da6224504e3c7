"""Members that look up in each other's features."""

from __future__ import annotations

from components.fusion.feature_head import trained_head
from components.fusion.inference import cut_row
from components.fusion.layout import layout
from components.fusion.operators.cross_attention import HEADS, KEY_UNITS
from components.fusion.operators.dense import HEAD_WIDTH
from components.fusion.signals import describe, size
from components.fusion.writer import GraphWriter
from components.models.facts import LayerRow
from components.recipe import Member, Refusal
from components.recipe.wording import shown


@layout(
    title="Cross-attention",
    family="feature space",
    chinese="并联 · 交叉注意力",
    summary="Each part of the first member's image or sequence looks up what fits it in the others', under one new head.",
    formula="p = head(mean over tokens of h_1 + softmax(Q K_mᵀ / √d) V_m O_m), O_m = 0 at the start",
    reference="Vaswani et al., 2017; Tsai et al., 2019",
    options={"heads": HEADS, "key_units": KEY_UNITS, "head_width": HEAD_WIDTH},
)
def cross_attention(writer: GraphWriter, heads: int = 2, key_units: int = 16, head_width: int = 0) -> None:
    """Tokens of the first member that attend to the others' tokens, their mean under one head."""
    tokens = [_tokens(writer, member) for member in writer.members]
    attended = writer.operate("cross-attention", tokens, heads=heads, key_units=key_units)
    trained_head(writer, writer.as_vector(attended, attended), head_width)


def _tokens(writer: GraphWriter, member: Member) -> str:
    """A member's features as tokens: from its cut layer, or from the last layer before it that has several."""
    facts = writer.facts(member)
    cut = cut_row(member, facts)
    names = [row.name for row in facts.cut_layers]
    before = facts.cut_layers[: names.index(cut.name) + 1] if cut and cut.name in names else ()
    row = next((row for row in reversed(before) if _has_tokens(row)), None)
    if row is None or cut is None:
        raise Refusal(
            f"{member.name} gives no features with several positions{f' up to “{shown(cut.name)}”' if cut else ''}, and "
            "cross-attention needs 2 tokens or more. Choose members for images or sequences, or another layout."
        )
    if row is not cut:
        writer.note(member.name, f"{member.name} is cut at “{shown(row.name)}”, its last layer with several positions.")
    reference = writer.branch(member, "features", cut_layer=row.name)
    shape = writer.signal(reference).shape
    if len(shape) == 2:
        return reference
    reason = f"the positions of {member.name}'s {describe(shape)} are the tokens"
    return writer.adapt("reshape", reference, reason, member.name, shape=(size(shape[:-1]), shape[-1]))


def _has_tokens(row: LayerRow) -> bool:
    *positions, width = row.shape or (None,)
    if width is None or not positions:
        return False
    return positions != [1] if len(positions) == 1 else (size(tuple(positions)) or 0) > 1
