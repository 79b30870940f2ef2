"""What the dashboard's host does when it first starts: a script without secrets."""

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from components.bundles import HOST_PYTHON

PORT = 5000
"""Where the dashboard listens on its host."""

MOST_BYTES = 16_384
"""What EC2 takes as user data (Amazon EC2 User Guide: 16 KB)."""

NOT_SET_UP = "orders-lake: the dashboard could not be set up"
"""What the script says when it fails; the log agent is the first that it starts."""

# a role's policy reaches the host some seconds after the host is there, and so may its network:
# what needs them is tried again, for five minutes
_SCRIPT = """\
#!/bin/bash
# Made by the stack: whatever changes here makes a new host.
set -euo pipefail
umask 022
trap 'echo "{not_set_up}: line $LINENO failed" >&2' ERR

patiently() {{
	for _ in $(seq 30); do
		if "$@"; then return; fi
		sleep 10
	done
	"$@"
}}

mkdir -p /etc/orders-lake /var/log/orders-lake
cat > /etc/orders-lake/dashboard.env <<'END'
{environment}
END
cat > /etc/orders-lake/logs.json <<'END'
{logs}
END

# first the log agent, so that what goes wrong below can be read from afar
patiently dnf --assumeyes --quiet install amazon-cloudwatch-agent python{python}
/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl \\
	-a fetch-config -m ec2 -c file:/etc/orders-lake/logs.json -s

bundle=$(mktemp)
patiently aws s3api get-object --region {region} --bucket {bucket} --key {key} "$bundle"
echo {sha256}"  $bundle" | sha256sum --check --quiet
python{python} -m zipfile --extract "$bundle" /opt/orders-lake
rm "$bundle"
sh /opt/orders-lake/install.sh python{python}

install -m 644 /opt/orders-lake/logrotate.conf /etc/logrotate.d/orders-lake
install -m 644 /opt/orders-lake/orders-lake-dashboard.service /etc/systemd/system/
systemctl daemon-reload
systemctl enable --now orders-lake-dashboard.service
curl --silent --show-error --fail --retry 30 --retry-delay 2 --retry-all-errors \\
	http://127.0.0.1:{port}/healthz
"""


@dataclass(frozen=True)
class Host:
    """What a host is told, all of it known."""

    region: str
    bucket: str
    key: str
    """of the app bundle in the bucket"""
    sha256: str
    """of the app bundle, in hex"""
    environment: Mapping[str, str]
    """of the dashboard"""
    log_group: str


def user_data(host: Host) -> str:
    """Return the script. Raises ValueError for a value that cannot stand in it."""
    script = _SCRIPT.format(
        not_set_up=NOT_SET_UP,
        environment=environment_file(host.environment),
        logs=json.dumps(_logs(host.log_group), indent=1),
        python=HOST_PYTHON,
        region=shlex.quote(host.region),
        bucket=shlex.quote(host.bucket),
        key=shlex.quote(host.key),
        sha256=shlex.quote(host.sha256),
        port=PORT,
    )
    if len(script.encode()) > MOST_BYTES:
        raise ValueError(f"the host's first script is longer than the {MOST_BYTES} bytes of EC2")
    return script


def environment_file(variables: Mapping[str, str]) -> str:
    """Return variables as systemd's EnvironmentFile= reads them. Raises ValueError."""
    lines = []
    for name, value in sorted(variables.items()):
        if not value.isprintable():
            raise ValueError(f"{name} holds a character that cannot be printed: {value!r}")
        quoted = "".join(f"\\{sign}" if sign in '"\\$`' else sign for sign in value)
        lines.append(f'{name}="{quoted}"')
    return "\n".join(lines)


def _logs(group: str) -> dict[str, object]:
    """Return the log agent's settings: how the host came up, and what the dashboard says."""
    files = {
        "boot": "/var/log/cloud-init-output.log",
        "dashboard": "/var/log/orders-lake/dashboard.log",
    }
    collected = [
        {
            "file_path": path,
            "log_group_name": group,
            "log_stream_name": f"{{instance_id}}/{stream}",
        }
        for stream, path in files.items()
    ]
    return {
        "agent": {"run_as_user": "root"},
        "logs": {"logs_collected": {"files": {"collect_list": collected}}},
    }
