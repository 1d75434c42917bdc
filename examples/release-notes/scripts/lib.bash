# shellcheck shell=bash
# Sourced first by every script of this workflow, so not executable itself: strict mode, and git without surprises.
set -euo pipefail

export LC_ALL=C # file names are bytes, and output is the same on every machine
# Nothing here may reach the network: a partial clone would fetch what it lacks, silently and one object at a time.
export GIT_NO_LAZY_FETCH=1 GIT_ALLOW_PROTOCOL=none GIT_TERMINAL_PROMPT=0 GIT_OPTIONAL_LOCKS=0

# The caller's configuration may colour, sign-check or rewrite what git prints; the repository's may name programs to run.
git() {
  command git --no-pager -c color.ui=false -c core.quotePath=false -c core.fsmonitor=false \
    -c log.showSignature=false -c log.follow=false "$@"
}

fail() {
  printf 'error: %s\n' "$1" >&2
  if [ "$#" -gt 1 ]; then printf 'hint: %s\n' "$2" >&2; fi
  exit 1
}

# Goes to the top of the repository (a bare one has no top) and demands one commit.
enter_repository() {
  git rev-parse --git-dir >/dev/null || fail "not inside a git repository" "run the workflow from a folder of a git repository"
  if [ "$(git rev-parse --is-inside-work-tree)" = true ]; then cd -- "$(git rev-parse --show-toplevel)"; fi
  git rev-parse --verify --quiet 'HEAD^{commit}' >/dev/null || fail "the repository has no commit yet" "commit something first"
}

# NUL-separated input as lines; a newline inside a file name becomes byte 1.
nul_to_lines() {
  tr '\n\000' '\001\n'
}

# Runs scripts/text.awk and the named scripts/<name>.awk… as one program on standard input.
run_awk() {
  local folder name programs
  folder=$(dirname -- "${BASH_SOURCE[0]}")
  programs=(-f "$folder/text.awk")
  for name in "$@"; do programs+=(-f "$folder/$name.awk"); done
  awk "${programs[@]}"
}
