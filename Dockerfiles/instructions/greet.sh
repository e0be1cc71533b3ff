#!/bin/sh
set -eu
echo "$GREETING, $1, from version $(cat "$VERSION_FILE")"
