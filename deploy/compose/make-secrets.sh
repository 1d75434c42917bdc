#!/bin/sh
# Makes the secrets of compose.yaml, those that are missing only: random, readable by the containers' users, ignored by git.
set -eu
cd "$(dirname "$0")"
umask 077
mkdir -p secrets
make() {
  [ -s "secrets/$1" ] || printf '%s' "$2" >"secrets/$1"
  # The containers run as users of their own: the folder keeps others of this machine out.
  chmod 0644 "secrets/$1"
}
random() { openssl rand -hex 24; }
make postgres-password "$(random)"
make database-url "postgres://sheaf:$(cat secrets/postgres-password)@postgres:5432/sheaf"
make log-key "$(openssl genpkey -algorithm ed25519)"
make metrics-token "$(random)"
make s3-secret "$(random)"
make oidc-client-secret "$(random)"
make demo-password "$(random)"
echo "sign in as demo with the password in deploy/compose/secrets/demo-password"
echo "keep a copy of deploy/compose/secrets/log-key: a log cannot go on without its key"
