#!/bin/sh
# Build the policy bundle:  policies/build.sh OUT.tar.gz
#
# Its revision is sha256:<digest of every Rego file and data file>+data:<digest of the data alone>, so a bundle names what
# is in it and the same sources give the same revision anywhere. Built against capabilities.json: no network, clock,
# randomness or environment. system/ stays out: it says who may ask an OPA, and is that OPA's own (see serve.sh).
set -eu

here=$(cd "$(dirname "$0")" && pwd)
opa=${OPA:-$here/../.tools/bin/opa}
out=${1:?"say where the bundle shall go: policies/build.sh OUT.tar.gz"}
[ -x "$opa" ] || { echo "policies/build.sh: there is no OPA at $opa; set OPA to one" >&2; exit 1; }

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT INT TERM

cd "$here"
for point in lib run execution release; do
    mkdir "$stage/$point"
    for rule in "$point"/*.rego; do
        case $rule in *_test.rego) ;; *) cp "$rule" "$stage/$rule" ;; esac
    done
done

set --
for facts in *.json; do
    [ "$facts" = capabilities.json ] || set -- "$@" --data "$facts"
done
"$opa" eval --format raw "$@" data > "$stage/data.json"

roots=$("$opa" eval --format raw --stdin-input 'concat("\",\"", object.keys(input))' < "$stage/data.json")
cd "$stage"
data=$(sha256sum < data.json | cut -d' ' -f1)
content=$(find . -type f | LC_ALL=C sort | xargs sha256sum | sha256sum | cut -d' ' -f1)
printf '{"roots":["bailiwick","%s"]}' "$roots" > .manifest

"$opa" build --bundle . --capabilities "$here/capabilities.json" --revision "sha256:$content+data:$data" \
    --entrypoint bailiwick/run/decision --entrypoint bailiwick/execution/decision --entrypoint bailiwick/release/decision \
    --output "$stage/bundle.tar.gz" >&2

cd "$here/.." && mkdir -p "$(dirname "$out")"
# In one step, so that an OPA that watches the file never reads half of it.
mv "$stage/bundle.tar.gz" "$out.new" && mv "$out.new" "$out"
echo "sha256:$content"
