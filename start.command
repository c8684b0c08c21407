#!/bin/sh
# Starts imgcluster on macOS by double click in the Finder.
exec sh "$(dirname "$0")/start.sh" "$@"
