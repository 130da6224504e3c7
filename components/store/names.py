"""Names for runs: an id that nobody can guess, and two words that a person remembers."""

from __future__ import annotations

import base64
import secrets

_MANNERS = (
    "amber bright broad calm clear cool deep early easy fair fresh gentle glad golden grand green keen late light lively long "
    "mellow mild misty modest narrow noble northern open pale patient placid proud quick quiet rapid ready serene shady silent "
    "silver slow smooth soft southern steady still summer sunny swift tidal tranquil upper warm western wide wild winding young"
)
_WATERS = (
    "bank basin bay bend bight bourn branch brook canal cascade channel confluence cove creek crossing current dale delta eddy "
    "estuary falls fen fjord flow ford fork gorge gully harbour headwater inlet island lagoon lake levee marsh meadow meander "
    "mere moor mouth oxbow pool rapids reach reed ridge riffle ripple river shallows shoal shore source spring strait stream "
    "terrace tide valley watershed weir"
)


def new_id() -> str:
    """Sixteen lower-case letters and digits: 80 random bits, safe in an address and as a folder's name."""
    return base64.b32encode(secrets.token_bytes(10)).decode().lower()


def new_name() -> str:
    """Two words of rivers, such as `calm-delta`."""
    return f"{secrets.choice(_MANNERS.split())}-{secrets.choice(_WATERS.split())}"
