#!/bin/sh
# Makes the app ready in the folder that this file was unpacked to: all packages from the wheels
# beside it, no index asked. The one thing needed is the Python that they are made for; even pip
# comes along, so that it is always the same one.
#
# usage: sh install.sh python3.11
set -eu
cd -- "$(dirname -- "$0")"
export PIP_CONFIG_FILE=/dev/null
"$1" -m venv --clear --without-pip venv
pip=$(echo wheels/pip-*.whl)
venv/bin/python "$pip/pip" install --isolated --quiet --disable-pip-version-check \
	--no-index --find-links wheels --require-hashes --requirement requirements.txt
# the service may not write here
venv/bin/python -m compileall -q app
