"""Verifies a published log from its files: signature, every entry, root. It imports nothing of openclets.

    python verify_log.py LOG_FOLDER

Written from c2sp.org/tlog-tiles, tlog-checkpoint and signed-note alone, so that two readings of them must
agree.
"""

import base64
import hashlib
import sys
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def main(folder: Path) -> int:
    name, key_id, key = (folder / "vkey").read_text().strip().split("+", 2)
    key = base64.b64decode(key)
    assert hashlib.sha256(name.encode() + b"\n" + key).hexdigest()[:8] == key_id, "key id"
    assert key[0] == 1, "Ed25519"

    text, _, signatures = (folder / "checkpoint").read_text().rpartition("\n\n")
    text += "\n"
    (signature,) = [line for line in signatures.splitlines() if line.startswith(f"— {name} ")]
    blob = base64.b64decode(signature.split(" ")[2])
    assert blob[:4].hex() == key_id, "signed by another key"
    Ed25519PublicKey.from_public_bytes(key[1:]).verify(blob[4:], text.encode())
    origin, size, root = text.splitlines()[:3]
    assert origin == name, "origin"
    size = int(size)

    stack = []
    for bundle in range((size + 255) // 256):
        width = min(256, size - bundle * 256)
        entries = read(folder, "entries", bundle, width)
        hashes = read(folder, "0", bundle, width)
        for n in range(width):
            length = int.from_bytes(entries[:2], "big")
            leaf = hashlib.sha256(b"\0" + entries[2 : 2 + length]).digest()
            entries = entries[2 + length :]
            assert leaf == hashes[n * 32 : n * 32 + 32], f"entry {bundle * 256 + n}"
            stack.append((0, leaf))
            while len(stack) > 1 and stack[-1][0] == stack[-2][0]:
                (level, right), (_, left) = stack.pop(), stack.pop()
                stack.append((level + 1, hashlib.sha256(b"\1" + left + right).digest()))
        assert not entries, f"bundle {bundle} is too long"
    computed = stack.pop()[1] if stack else hashlib.sha256().digest()
    while stack:
        computed = hashlib.sha256(b"\1" + stack.pop()[1] + computed).digest()
    assert base64.b64encode(computed).decode() == root, "root"
    print(f"size {size} root {root}")
    return 0


def read(folder: Path, level: str, number: int, width: int) -> bytes:
    digits = f"{number % 1000:03d}"
    while number >= 1000:
        number //= 1000
        digits = f"x{number % 1000:03d}/{digits}"
    partial = f".p/{width}" if width < 256 else ""
    return (folder / "tile" / level / f"{digits}{partial}").read_bytes()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
