"""Policy bundles: which revision the bytes are of. It is a digest of what is in them, as policies/build.sh makes it:
SHA-256 of a line for each file but .manifest, in order of the paths, each its SHA-256, two spaces, "./" and the path.
"""

import gzip
import hashlib
import io
import tarfile
import zlib

# Of the bundle, and of all that is in it.
MOST = 64 << 20


class NotABundle(Exception):
    """The bytes are no bundle of policies."""


def revision_of(data: bytes) -> str:
    """The revision of a bundle. Raises NotABundle."""
    lines = []
    try:
        plain = gzip.GzipFile(fileobj=io.BytesIO(data)).read(MOST + 1)
        if len(plain) > MOST:
            raise NotABundle("larger than a bundle may be")
        with tarfile.open(fileobj=io.BytesIO(plain), mode="r:") as packed:
            for member in packed:
                path = member.name.lstrip("/")
                if member.isfile() and path != ".manifest" and (file := packed.extractfile(member)):
                    lines.append((path, hashlib.sha256(file.read()).hexdigest()))
    except (OSError, EOFError, zlib.error, tarfile.TarError) as fault:
        raise NotABundle("not a gzipped tar archive") from fault
    if not lines:
        raise NotABundle("nothing is in it")
    listed = "".join(f"{digest}  ./{path}\n" for path, digest in sorted(lines))
    return f"sha256:{hashlib.sha256(listed.encode()).hexdigest()}"
