#!/bin/sh
# Write what tells OPA its client's token, for serve.sh:  BAILIWICK_OPA_TOKEN=… policies/access.sh ACCESS.json
#
# It is the token's digest: OPA never learns the token.
set -eu

out=${1:?"say where it shall go: policies/access.sh ACCESS.json"}
digest=$(printf %s "${BAILIWICK_OPA_TOKEN:?"is not set"}" | sha256sum | cut -d' ' -f1)
umask 077
printf '{"opa_access": {"token_sha256": "%s"}}' "$digest" > "$out"
