#!/bin/sh
# What has to be done before each start goes here; then the command takes over,
# as the same process: it is the one that gets the signals.
set -eu
[ "${1-}" != nginx ] || nginx -t -q
exec "$@"
