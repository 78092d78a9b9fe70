"""The licence of everything in requirements.lock, as each package says; an unfit or missing one fails."""

import re
import sys
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

UNFIT = re.compile(r"AGPL|Affero|SSPL|BUSL|Proprietary", re.IGNORECASE)
# What a package says in its own words, read by a person.
LOOKED_AT = {"qrcode": "BSD-3-Clause, in part MIT (its LICENSE file)"}
names = re.findall(r"^([A-Za-z0-9._-]+)==", Path("requirements.lock").read_text(encoding="utf-8"), re.MULTILINE)
wrong = 0
for name in sorted(set(names), key=str.lower):
    try:
        said = metadata(name)
    except PackageNotFoundError:
        continue  # for another platform or Python
    classifiers = [
        each.rpartition(" :: ")[2] for each in said.get_all("Classifier", []) if each.startswith("License ::")
    ]
    stated = said.get("License-Expression") or "; ".join(classifiers) or (said.get("License") or "").split("\n")[0]
    licence = LOOKED_AT.get(name) or stated
    is_wrong = not licence or UNFIT.search(licence)
    wrong += bool(is_wrong)
    sys.stdout.write(
        f"{name:28} {said['Version']:12} {licence or '?'}{'   <-- look at this one' if is_wrong else ''}\n"
    )
sys.stdout.write(f"{wrong} to look at.\n")
sys.exit(bool(wrong))
