"""What operator, backend and admission policies call the same things."""

from __future__ import annotations

GROUP = "bailiwick.internal"
VERSION = "v1"
KIND = "SandboxEnvironment"
PLURAL = "sandboxenvironments"

# Labels of a sandbox pod.
ENVIRONMENT = f"{GROUP}/environment"
POOL = f"{GROUP}/pool"
WARM = "warm"
CLAIMED = "claimed"
RUN = f"{GROUP}/run"

# The operator's annotation, and those of a claim.
IMAGE_DIGEST = f"{GROUP}/image-digest"
CLAIMED_AT = f"{GROUP}/claimed-at"
EXPIRES_AT = f"{GROUP}/expires-at"
EPOCH = f"{GROUP}/epoch"
REMINDED = f"{GROUP}/reminded"
LIMITS = f"{GROUP}/limits"
SESSION = f"{GROUP}/session"

CONTAINER = "sandbox"
AGENT_SOCKET = "/run/agent/agent.sock"
# In socat's own blocks, of 8 KiB, files pass at a third of the rate: each block goes through gVisor and the node alone.
RELAY = ("/usr/bin/socat", "-b", "65536", "-", f"UNIX-CONNECT:{AGENT_SOCKET}")

SEALED = "gvisor-sealed"
NETWORKED = "gvisor"
