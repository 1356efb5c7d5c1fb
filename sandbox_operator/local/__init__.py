"""The local backend: a daemon that owns gVisor sandboxes on this machine, as kubelet owns pods."""
