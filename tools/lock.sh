#!/usr/bin/env bash
# Write every lock anew: the platform's, the developers', and the wheels of each environment image.
# Pass --upgrade to move to the newest versions that pyproject.toml and requirements.in allow.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
uv=${UV:-.venv/bin/uv}
python=${PYTHON:-.venv/bin/python}
quiet=(--quiet --no-emit-index-url --no-emit-find-links --no-annotate --no-header)

"$uv" pip compile "${quiet[@]}" --universal --python-version 3.12 --generate-hashes "$@" pyproject.toml -o requirements.lock
"$uv" pip compile "${quiet[@]}" --universal --python-version 3.12 --generate-hashes "$@" pyproject.toml --group dev \
    -o requirements-dev.lock

field() {
    "$python" -c 'import sys, tomllib; got = tomllib.load(open(sys.argv[1], "rb")).get(sys.argv[2], [])
print(got if isinstance(got, str) else " ".join(got))' "$@"
}
pins() { sed '/--hash/d; s/ \\$//' "$1"; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
for image in sandbox_operator/images/*/recipe.toml tools/images/*/recipe.toml; do
    folder=$(dirname "$image")
    version=$(field "$image" python_version)
    platform=$(field "$image" platform)
    source=$folder/requirements.in
    omitted=()
    if [ -e "$source" ]; then
        # The present lock keeps its versions unless --upgrade was asked for.
        case " $* " in
            *" --upgrade "*) : >"$scratch/constraints.txt" ;;
            *) pins "$folder/requirements.lock" >"$scratch/constraints.txt" 2>/dev/null || : >"$scratch/constraints.txt" ;;
        esac
    else
        # The platform's own: what it is tested with, and nothing else.
        source=pyproject.toml
        pins requirements.lock >"$scratch/constraints.txt"
        for package in $(field "$image" omit); do omitted+=(--no-emit-package "$package"); done
    fi
    "$uv" pip compile --quiet --python-version "$version" --python-platform "$platform" --only-binary :all: \
        --constraints "$scratch/constraints.txt" "${omitted[@]}" --format pylock.toml "$source" -o "$scratch/pylock.toml"
    "$python" -m sandbox_operator.images.lock "$scratch/pylock.toml" "$version" "$platform" >"$scratch/requirements.lock"
    cp "$scratch/requirements.lock" "$folder/requirements.lock"
done
