"""Reasons: what somebody writes to say why a record that was public changes; the public reads it."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

LONGEST = 300  # characters
SHORTEST, SHORTEST_JAPANESE = 15, 8
_JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")


def check_reason(text: str) -> str:
    """The reason without blanks around it; ValidationError unless it is a real one.

    One in Japanese script says in half the characters what one in letters says.
    """
    text = " ".join(text.split())
    shortest = SHORTEST_JAPANESE if _JAPANESE.search(text) else SHORTEST
    if len(text) < shortest:
        raise ValidationError(
            _("Say why in at least %(shortest)d characters (%(japanese)d in Japanese script): the public reads it."),
            code="reason",
            params={"shortest": SHORTEST, "japanese": SHORTEST_JAPANESE},
        )
    if len(text) > LONGEST:
        raise ValidationError(
            _("Say why in at most %(longest)d characters."), code="reason", params={"longest": LONGEST}
        )
    return text
