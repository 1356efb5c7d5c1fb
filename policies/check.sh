#!/bin/sh
# Everything that a bundle must pass before it is one:  policies/check.sh
#
# Formatting, strict checking against the capabilities that the bundle is built with, tests that cover every line, and a
# build. Quiet when all is well.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
opa=${OPA:-$here/../.tools/bin/opa}
[ -x "$opa" ] || { echo "policies/check.sh: there is no OPA at $opa; set OPA to one" >&2; exit 1; }
cd "$here"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM

"$opa" fmt --list --fail . || { echo "policies: not formatted; run opa fmt --write policies" >&2; exit 1; }
"$opa" check --strict --capabilities capabilities.json --ignore capabilities.json . >&2
"$opa" test --timeout 120s --ignore capabilities.json --coverage --threshold 100 . > "$work/tests" || {
    grep -v -e '"row"' -e '[{}]' -e ': PASS' "$work/tests" >&2 || true
    echo "policies: a test failed or a line is not reached; see opa test --coverage --format json policies" >&2
    exit 1
}
OPA=$opa ./build.sh "$work/bundle.tar.gz" > "$work/revision"
