#!/bin/sh
# Serve a bundle:  policies/serve.sh ADDRESS BUNDLE.tar.gz ACCESS.json [HEALTH]
#
# ACCESS.json is {"opa_access": {"token_sha256": "<hex SHA-256 of the platform's token>"}}; the token itself is not OPA's to
# know. The bundle is read once: another one takes a restart. GET /health?bundles answers 200 once it is active; at the address
# HEALTH, too, where no question of policy is heard.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
opa=${OPA:-$here/../.tools/bin/opa}
address=${1:?"say where to listen: policies/serve.sh ADDRESS BUNDLE ACCESS"}
bundle=$(realpath "${2:?"say which bundle to serve"}")
access=$(realpath "${3:?"say where the digest of the token is"}")
[ -x "$opa" ] || { echo "policies/serve.sh: there is no OPA at $opa; set OPA to one" >&2; exit 1; }

# A heap of a few megabytes, collected every few questions by Go's default, made the slowest hundredth twice as slow.
export GOGC="${GOGC:-400}"

exec "$opa" run --server --addr "$address" --authentication token --authorization basic --skip-version-check \
    --log-level error --log-format json --shutdown-grace-period 5 \
    --set "bundles.bailiwick.resource=file://$bundle" ${4:+--diagnostic-addr "$4"} \
    "$here/system/authz.rego" "$access"
