"""How this process reaches the API server: by its pod's service account, or as a kubeconfig says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kubernetes import client, config
from kubernetes.config.config_exception import ConfigException


class NoCredentials(Exception):
    """Neither a service account nor a kubeconfig says how to reach a cluster."""


def load(kubeconfig: Path | None) -> Any:
    """A client's configuration, with the service account's credentials unless a kubeconfig is named.

    Raises NoCredentials.
    """
    configuration: Any = client.Configuration()  # the stubs lack what is read of it
    try:
        if kubeconfig is None:
            config.load_incluster_config(client_configuration=configuration)
        else:
            config.load_kube_config(str(kubeconfig), client_configuration=configuration)
    except (ConfigException, OSError) as error:
        raise NoCredentials(f"no cluster can be reached: {error}") from error
    configuration.retries = False  # a request is made again only by whoever knows what it may have done
    return configuration
