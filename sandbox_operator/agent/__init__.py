"""The program inside the sandbox: one channel outwards, Jupyter kernels inwards.

Self-contained: it runs from a copy in the image (Python 3.11) and imports nothing of ours but itself. Nothing that it
says is believed outside: user code runs as the same user and may take its place.
"""

PROTOCOL_VERSION = 1
