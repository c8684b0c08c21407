#!/bin/sh
# Starts imgcluster on Linux (and macOS): double click, or run ./start.sh in a terminal.
# The first run makes a virtual environment beside this file and installs what the program needs.
set -eu
cd "$(dirname "$0")"

fail() {
    printf '\n%s\n' "$1" >&2
    if [ -t 0 ]; then
        printf 'Press Enter to close.'
        read -r _
    fi
    exit 1
}

find_python() {
    for candidate in python3.13 python3.12 python3.11 python3 python; do
        if command -v "$candidate" >/dev/null 2>&1 &&
            "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
            printf '%s' "$candidate"
            return
        fi
    done
}

if [ ! -x .venv/bin/python ]; then
    python=$(find_python)
    [ -n "$python" ] || fail "Python 3.11, 3.12 or 3.13 was not found. Install it from https://www.python.org/downloads/ and start again."
    echo "First start: making a virtual environment in .venv ..."
    "$python" -m venv .venv || fail "The virtual environment could not be made. On Debian or Ubuntu: sudo apt install python3-venv"
fi

# Installed before with these very requirements? Then start at once, without the network.
if ! cmp -s requirements.txt .venv/installed-requirements.txt; then
    echo "Installing what imgcluster needs (about 2 GB on disk, a few minutes, only now) ..."
    .venv/bin/python -m pip install --disable-pip-version-check -r requirements.txt ||
        fail "The installation did not finish. Check the network and start again: it goes on from there."
    cp requirements.txt .venv/installed-requirements.txt
fi

exec .venv/bin/python -m streamlit run app.py --server.address 127.0.0.1 "$@"
