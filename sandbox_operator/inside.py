"""What the inside of every sandbox looks like, whichever backend made it. Pure values."""

from __future__ import annotations

SANDBOX_UID = 1000
SHM_BYTES = 64 << 20  # memory too; without it there are no semaphores, and so no multiprocessing
TMP_BYTES = 64 << 20  # /tmp is memory, counted as such; TMPDIR points at the disk


def make_environment(threads: int) -> dict[str, str]:
    """The variables that the agent and its kernels start with."""
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": "/workspace",
        "USER": "sandbox",
        "LANG": "C.UTF-8",
        "TMPDIR": "/workspace/.tmp",
        "PYTHONPATH": "/opt/bailiwick/site:/opt/bailiwick:/packages",
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONNOUSERSITE": "1",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MPLCONFIGDIR": "/tmp/.matplotlib",
        "IPYTHONDIR": "/tmp/.ipython",
        "JUPYTER_PLATFORM_DIRS": "1",
        "OMP_NUM_THREADS": str(threads),
        "OPENBLAS_NUM_THREADS": str(threads),
        "MKL_NUM_THREADS": str(threads),
    }
