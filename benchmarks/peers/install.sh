#!/bin/sh
# The peers that benchmarks/build.py measures digest beside, into a folder of their own: by name, from whatever
# registry npm is set to.  sh benchmarks/peers/install.sh [FOLDER]
set -eu
peers=${1:-${DIGEST_PEERS:-$HOME/.digest-peers/node_modules}}
folder=${peers%/node_modules}
mkdir -p "$folder"
test -f "$folder/package.json" || printf '{"name": "digest-peers", "private": true}\n' >"$folder/package.json"
cd "$folder"
npm install --no-audit --no-fund mjml juice react react-dom react-email @react-email/components
printf 'The peers are in %s/node_modules.\n' "$folder"
