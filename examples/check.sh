#!/usr/bin/env bash
# Runs the scripts of every example by hand, as the engine would, on throw-away repositories that are as awkward as real ones get.
# Usage: examples/check.sh            (also AWKS="mawk gawk" examples/check.sh: once with each of these as awk)
# Prints one line per check and exits 1 when one failed. Needs git, bash and awk; uses shellcheck where it is installed.
# shellcheck disable=SC2016 # file names and subjects hold unexpanded $(…) on purpose
set -uo pipefail

here=$(cd -- "$(dirname -- "$0")" && pwd)
root=$(mktemp -d)
trap 'rm -rf -- "$root"' EXIT
mkdir "$root/tmp" "$root/home" "$root/out"
export HOME="$root/home" TMPDIR="$root/tmp" GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME="Ada Łovelace" GIT_AUTHOR_EMAIL=ada@example.com GIT_COMMITTER_NAME=Ada GIT_COMMITTER_EMAIL=ada@example.com
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE XDG_CONFIG_HOME
passed=0
failed=0
context=start
STEP_PATH=''
UNKNOWN='' BROKEN='' LINKS='' FILE_COUNT=''

ok() { passed=$((passed + 1)); }
not_ok() {
  failed=$((failed + 1))
  printf 'FAILED %s: %s\n' "$context" "$1"
}
has() { case $OUT in *"$1"*) ok ;; *) not_ok "output lacks: $1" && printf '%s\n' "$OUT" | sed 's/^/    /' | sed -n '1,60p' ;; esac; }
lacks() { case $OUT in *"$1"*) not_ok "output has: $1" ;; *) ok ;; esac; }
status_is() { if [ "$STATUS" -eq "$1" ]; then ok; else not_ok "exit status $STATUS, expected $1: $ERR"; fi; }
same() { if [ "$1" = "$2" ]; then ok; else not_ok "expected $2, got $1"; fi; }

# step WORKFLOW SCRIPT: runs one script; sets OUT, ERR, STATUS and the file of outputs, $OUTPUTS.
step() {
  OUTPUTS="$root/out/outputs"
  : >"$OUTPUTS"
  STATUS=0
  OUT=$(PATH="${STEP_PATH:-$PATH}" SHEAF_OUTPUT="$OUTPUTS" "$here/$1/scripts/$2.sh" 2>"$root/out/stderr") || STATUS=$?
  ERR=$(cat "$root/out/stderr")
  if ! { cat "$OUTPUTS" && printf '%s' "$OUT"; } | iconv -f UTF-8 -t UTF-8 >/dev/null 2>&1; then not_ok "$2 printed bytes that are not UTF-8"; fi
  if [ "${#OUT}" -gt 120000 ]; then not_ok "$2 printed ${#OUT} characters: too many for an environment variable"; fi
}
line_output() { sed -n "s/^$1=//p" "$OUTPUTS"; }
json_output() { sed -n "s/.*\"$1\": \([0-9]*\).*/\1/p" "$OUTPUTS"; }

# Each of these runs a whole workflow in the current folder and leaves its report in OUT.
release_notes() {
  export RANGE TITLE DATE FROM COMMITS SHALLOW CHANGES PEOPLE STATS
  step release-notes range
  if [ "$STATUS" -ne 0 ]; then return; fi
  RANGE=$(line_output range) TITLE=$(line_output title) DATE=$(line_output date) FROM=$(line_output from)
  COMMITS=$(line_output commits) SHALLOW=$(line_output shallow)
  step release-notes changes; status_is 0; CHANGES=$OUT
  step release-notes people; status_is 0; PEOPLE=$OUT
  step release-notes stats; STATS=$OUT
  step release-notes document
}
repo_report() {
  export FILES CHANGES ACTIVITY AUTHORS
  step repo-report files
  if [ "$STATUS" -ne 0 ]; then return; fi
  FILES=$OUT FILE_COUNT=$(json_output files)
  step repo-report changes; status_is 0; CHANGES=$OUT
  step repo-report activity; status_is 0; ACTIVITY=$OUT
  step repo-report authors; status_is 0; AUTHORS=$OUT
  step repo-report report
}
licence_audit() {
  export TEXTS MANIFESTS HEADERS TEXT_COUNT UNKNOWN_TEXTS UNKNOWN_MANIFESTS UNKNOWN_HEADERS
  step licence-audit texts
  if [ "$STATUS" -ne 0 ]; then return; fi
  TEXTS=$OUT TEXT_COUNT=$(json_output texts) UNKNOWN_TEXTS=$(json_output unknown)
  step licence-audit manifests; status_is 0; MANIFESTS=$OUT UNKNOWN_MANIFESTS=$(json_output unknown)
  step licence-audit headers; status_is 0; HEADERS=$OUT UNKNOWN_HEADERS=$(json_output unknown)
  step licence-audit report
  UNKNOWN=$(json_output findings)
}
link_check() {
  export FINDINGS
  step link-check scan
  if [ "$STATUS" -ne 0 ]; then return; fi
  FINDINGS=$OUT BROKEN=$(json_output broken) LINKS=$(json_output links)
  step link-check report
}

new_repository() {
  rm -rf -- "${root:?}/$1"
  git init -q "$root/$1"
  cd "$root/$1" || exit 1
  git symbolic-ref HEAD refs/heads/main
}
commit() { git commit -q --allow-empty --date="${DAY:-2024-03-01}T12:00:00Z" -m "$@"; }
export GIT_COMMITTER_DATE=2024-03-05T12:00:00Z

# What runs must not leave behind: files in the repository, files in TMPDIR, anything a hostile name or setting would make.
unchanged() {
  same "$(git status --porcelain)" "$BEFORE"
  same "$(ls "$TMPDIR")" ""
  if [ -e "$root/canary" ]; then not_ok "something in the repository was executed"; fi
}

check_shared() {
  context="shared files"
  for file in lib.bash text.awk; do
    for name in repo-report licence-audit link-check; do
      if cmp -s "$here/release-notes/scripts/$file" "$here/$name/scripts/$file"; then ok; else not_ok "$name/scripts/$file differs from the one of release-notes"; fi
    done
  done
  for file in "$here"/*/scripts/*.sh "$here"/*/scripts/*.bash "$here"/check.sh; do
    if bash -n "$file"; then ok; else not_ok "syntax of $file"; fi
  done
  if command -v shellcheck >/dev/null; then
    if shellcheck -x "$here"/*/scripts/*.sh "$here"/check.sh; then ok; else not_ok "shellcheck"; fi
  fi
}

check_refusals() {
  context="outside of a repository"
  mkdir -p "$root/plain" && cd "$root/plain" || exit 1
  for run in release_notes repo_report licence_audit link_check; do
    $run
    status_is 1
    case $ERR in *"not inside a git repository"*) ok ;; *) not_ok "$run says: $ERR" ;; esac
  done
  context="repository without a commit"
  new_repository empty
  for run in release_notes repo_report licence_audit link_check; do
    $run
    status_is 1
    case $ERR in *"no commit yet"*) ok ;; *) not_ok "$run says: $ERR" ;; esac
  done
}

check_weird() {
  context="one commit, weird names"
  new_repository weird
  mkdir -p 'a b/ü' 'dir
line'
  printf '%02000d' 1 >'a b/ü/spa ce.txt'
  printf '%03000d' 1 >'dir
line/new
line.txt'
  printf 'x' >-rf
  printf 'x' >'$(touch canary).c'
  printf 'x' >'pipe|tick`.md'
  printf 'x' >'tab	quote"back\slash'
  printf 'x' >$'bidi\342\200\256\342\342\200\256\200\256txt.exe'
  printf 'x' >$'latin\351.txt'
  ln -s /etc/passwd LICENSE
  printf '[link](<a b/ü/spa ce.txt>) [two](a%%20b/%%C3%%BC/spa%%20ce.txt) [nl](dir%%0aline/new%%0aline.txt) [no](missing%%20one.md)\n' >'read me.md'
  git add -A
  git update-index --add --cacheinfo 160000,0123456789012345678901234567890123456789,sub
  commit $'feat(\033[31mred): <script>alert(1)</script> | $(touch canary) `code` [x](y) \342\200\256evil'
  # Settings of the caller and of the repository that change what git prints or make it run programs.
  git config color.ui always
  git config log.showSignature true
  git config core.quotePath true
  git config grep.lineNumber true
  git config grep.column true
  git config diff.renames copies
  git config core.fsmonitor "touch $root/canary; false"
  git config diff.external "touch $root/canary; false"
  git config core.pager "touch $root/canary; cat"
  git config log.date relative
  git config format.pretty oneline
  BEFORE=$(git -c core.fsmonitor=false status --porcelain)
  rm -f "$root/canary"

  release_notes; status_is 0
  has '1 commit from the beginning'
  has '### Features'
  has '&lt;script>alert(1)&lt;/script> \|'
  has '`code`'
  has '\[x\](y)'
  has 'Ada Łovelace'
  lacks $'\033'
  lacks $'\342\200\256'
  lacks 'ada@example.com'

  repo_report; status_is 0
  has '`dir\nline/new\nline.txt` | 2.9 KiB'
  has '`a b/ü/spa ce.txt` | 2.0 KiB'
  has '`` pipe\|tick`.md ``'
  has '`bidi???txt.exe`'
  has '`latin?.txt`'
  has '`-rf`'
  has '| 2024-03 | 1 | ###'
  has '| Ada Łovelace | 1 | 100.0 % | 2024-03-01 | 2024-03-01 |'
  lacks $'\342\200\256'
  same "$FILE_COUNT" 10

  licence_audit; status_is 0
  has 'no licence text'
  same "$UNKNOWN" 1

  link_check; status_is 0
  same "$LINKS/$BROKEN" 4/1
  has '| `read me.md` | 1 | `missing%20one.md` | no such file |'
  git config --unset core.fsmonitor
  unchanged
}

check_notes() {
  context="release notes"
  new_repository notes
  commit 'feat: first'
  git tag v1.0.0
  commit 'feat(api)!: drop the old route'
  commit 'fix: handle spaces' -m 'BREAKING CHANGE: names are trimmed' -m 'Co-authored-by: Grace Hopper <grace@example.com>'
  commit 'Fix: second'
  commit 'tidy up'
  git tag -a -m 'release' v1.1.0
  commit 'docs: after the release'
  git tag nightly-1
  BEFORE=
  release_notes
  has '## nightly-1 (2024-03-05)'
  has '1 commit since v1.1.0'
  PARAM_MATCH='v*' release_notes
  has '## Unreleased'
  PARAM_TO=v1.1.0 release_notes
  has '## v1.1.0 (2024-03-05)'
  has '4 commits since v1.0.0.'
  has '### Breaking changes'
  has '- **api:** drop the old route ('
  has '- handle spaces ('
  has '- second ('
  has '### Other changes'
  has '- Grace Hopper (1)'
  has '- Ada Łovelace (4)'
  lacks 'first'
  lacks 'grace@example.com'
  PARAM_FROM=v1.0.0 PARAM_TO=HEAD PARAM_GROUP=none PARAM_LIMIT=2 PARAM_URL=https://example.com/r/ PARAM_TITLE=$'Two\nrange=x' release_notes
  has '## Two range=x (2024'
  has '](https://example.com/r/commit/'
  has '- ... and 3 more'
  PARAM_FROM=HEAD PARAM_TO=HEAD release_notes
  has 'No changes.'
  for ref in no-such-tag --output=x 'v1.0.0..v1.1.0'; do
    PARAM_FROM=$ref release_notes
    status_is 1
  done
  git tag $'latin\351'
  commit $'fix: latin \351 and \342\342\200\256\200\256 bidi' 2>/dev/null
  release_notes
  has 'since latin?'
  has '### Fixes'
  has '- latin é and '
  lacks 'Breaking'
  git tag -d $'latin\351' >/dev/null
  git reset -q --hard HEAD^
  git checkout -q --detach v1.0.0
  release_notes
  has '## v1.0.0'
  has 'from the beginning of the history'
  mkdir -p "$root/notes/deep/er" && cd "$root/notes/deep/er" || exit 1
  release_notes; status_is 0
  cd "$root/notes" && rm -r deep

  context="release notes by area"
  git checkout -q main
  git tag base
  for subject in 'registry/publish: Reject twice' 'registry: Add search' 'net/http, io: read less' 'cli: Say more' 'plain'; do commit "$subject"; done
  PARAM_FROM=base release_notes
  has '### registry'
  has '- **registry/publish:** Reject twice ('
  has '- Add search ('
  has '- **net/http, io:** read less ('
  unchanged

  context="shallow and bare clones"
  git clone -q --depth 2 "file://$root/notes" "$root/shallow" 2>/dev/null
  cd "$root/shallow" || exit 1
  release_notes; status_is 0
  has 'This clone is shallow'
  repo_report; status_is 0
  has 'This clone is shallow'
  git clone -q --bare "$root/notes" "$root/bare.git" 2>/dev/null
  cd "$root/bare.git" || exit 1
  for run in release_notes repo_report licence_audit link_check; do
    $run
    status_is 0
  done
}

check_partial() {
  context="partial clone"
  new_repository whole
  printf 'contents\n' >file.c
  printf '[x](file.c)\n' >README.md
  git add -A
  commit 'feat: one'
  git config uploadpack.allowFilter true
  git clone -q --no-checkout --filter=blob:none "file://$root/whole" "$root/partial" 2>/dev/null || return
  cd "$root/partial" || exit 1
  release_notes; status_is 0
  has 'one'
  repo_report
  if [ "$STATUS" -eq 0 ]; then has 'are not in this partial clone'; else case $ERR in *fatal* | *error*) ok ;; *) not_ok "no explanation" ;; esac; fi
  same "$(git rev-list --objects --missing=print HEAD | grep -c '^?')" 2
}

check_licences() {
  context="licence audit"
  new_repository licences
  mkdir -p crates/a py go pkg old vendor/x docs LICENSES src
  cat >LICENSE <<'TEXT'
MIT License

Permission is hereby granted, free of charge, to any person obtaining a copy of this software
and associated documentation files. The above copyright notice and this permission notice shall be included.
TEXT
  printf '                    GNU AFFERO GENERAL PUBLIC LICENSE\n                       Version 3, 19 November 2007\n' >COPYING.md
  printf 'Apache License\r\nVersion 2.0, January 2004\r\n' >LICENSES/Apache-2.0.txt
  printf 'Ask me first.\n' >docs/LICENCE
  printf 'x' >src/license.ts
  printf '{"name":"@x/root","license":"(MIT OR apache-2.0)","dependencies":{"license":"^1.0.0"}}' >package.json
  printf '{\n  "name": "old",\n  "licenses": [{ "type": "MIT" }, { "type": "X11" }]\n}\n' >old/package.json
  printf '{"name":"p","private":true}' >pkg/package.json
  printf '{"type":"module"}' >src/package.json
  printf '{"name":"bad","license":"Do \\"what\\" <you> like"}' >vendor/x/package.json
  printf '[package]\nname = "a"\nlicense = "MIT/Apache-2.0" # both\n' >crates/a/Cargo.toml
  printf '[workspace]\nmembers = ["crates/*"]\n' >Cargo.toml
  printf '[project]\nname = "py"\nclassifiers = [\n  "License :: OSI Approved :: MIT License",\n]\n' >py/pyproject.toml
  printf 'module example.com/go\n\ngo 1.22\n' >go/go.mod
  {
    printf '{"name":"@x/root","lockfileVersion":3,"packages":{"":{"name":"@x/root","license":"MIT"},'
    printf '"node_modules/a":{"version":"1.0.0","license":"ISC","dependencies":{"license":"^9"}},'
    printf '"node_modules/@s/b":{"version":"2.0.0","dependencies":{"license":"^9","version":"x"}},'
    printf '"node_modules/w":{"resolved":"pkg","link":true},"pkg":{"version":"1"},'
    printf '"node_modules/a/node_modules/c":{"version":"3.0.0","license":"Custom, inc"}}}'
  } >package-lock.json
  printf '// SPDX-License-Identifier: MIT\n' >src/a.c
  printf '/* SPDX-License-Identifier: GPL-2.0+ WITH Classpath-exception-2.0 */\n/* SPDX-License-Identifier: ISC */\n' >src/b.h
  printf '# SPDX-License-Identifier: Nonsense-1\n' >'src/new
line.py'
  printf 'printf("SPDX-License-Identifier: MIT");\n' >src/c.c
  git add -A
  commit 'feat: all'
  BEFORE=
  PARAM_IGNORE='node_modules, vendor/' licence_audit; status_is 0
  has '| `LICENSE` | MIT |'
  has '| `COPYING.md` | AGPL-3.0 |'
  has '| `LICENSES/Apache-2.0.txt` | Apache-2.0 |'
  has '| `docs/LICENCE` | **unknown** |'
  lacks 'src/license.ts'
  has '| `package.json` | @x/root | (MIT OR Apache-2.0) |'
  has '| `old/package.json` | old | MIT OR X11 |'
  has '| `pkg/package.json` | p | none, private |'
  lacks 'src/package.json'
  lacks 'vendor'
  has '| `crates/a/Cargo.toml` | a | MIT OR Apache-2.0 |'
  lacks '| `Cargo.toml`'
  has '| `py/pyproject.toml` | py | MIT |'
  has '| `go/go.mod` | example.com/go | licence text beside it |'
  has '3 dependencies in 1 lockfile'
  has '| `@s/b@2.0.0` | `package-lock.json` | **missing** |'
  has '| `c@3.0.0` | `package-lock.json` | **unknown**: Custom, inc |'
  has '3 of 5 source files'
  has '| MIT | 1 | 33.3 % |'
  has '| GPL-2.0+ WITH Classpath-exception-2.0 | 1 |'
  has '| unknown: Nonsense-1 | 1 |'
  same "$UNKNOWN" 4
  PARAM_IGNORE='' licence_audit
  has '**unknown**: Do "what" &lt;you> like'

  context="licence audit of a minified lockfile with long strings"
  new_repository minified
  awk 'BEGIN { printf "{\"packages\":{"; for (i = 0; i < 3000; i++) printf "%s\"node_modules/p%d\":{\"version\":\"1.0.%d\",\"integrity\":\"sha512-%0900d\\\\\",\"license\":\"MIT\"}", i ? "," : "", i, i, i; printf "}}" }' >package-lock.json
  awk 'BEGIN { for (i = 0; i < 300000; i++) printf "["; for (i = 0; i < 300000; i++) printf "{\"a\":" }' >package.json
  git add -A
  commit 'x'
  BEFORE=
  licence_audit; status_is 0
  has '| MIT | 3000 |'
  unchanged
}

check_links() {
  context="link check"
  new_repository links
  mkdir -p docs/img node_modules/x 'docs/sub dir'
  printf 'x' >docs/img/a.png
  printf 'x' >'docs/sub dir/x (1).md'
  printf '# Bad [x](gone.md)\n' >node_modules/x/README.md
  cat >README.md <<'TEXT'
---
title: "[front](matter.md)"
---
# Title `code()` & more!

## Twice
## Twice
<a name="Named"></a> <!-- [commented](out.md) --> [docs](docs/) [up](docs/guide.md#part-two "title")
![image](docs/img/a.png) [self](#title-code--more) [twice](#twice-1) [named](#named) [bad](#nope)
[case](docs/Guide.md) [abs](/docs/guide.md) [ext](https://example.com/x.md) [mail](mailto:x@example.com) [q](docs/guide.md?raw=1)
[paren](<docs/sub dir/x (1).md>) [enc](docs/sub%20dir/x%20(1).md) [outside](../../issues) `[code](span.md)` ``[a](`b.md)``
<img src="docs/img/none.png"> <a href='docs/guide.md'>x</a>
[ref]: docs/missing.md
[^1]: not/a/link.md
```md
[fenced](nowhere.md)
~~~
```
~~~
[tilde](nowhere.md)
~~~
[escaped](docs/a\_b.md) [template]({{ site.url }}/x) [sub](module/deep/file.c)
TEXT
  printf 'Intro\n\nPart two\n--------\n\n[back](../README.md#twice) [up](..) [Überschrift](#über-uns) [gone](./other.md#x)\n\n# Über uns\n' >docs/guide.md
  printf 'x' >docs/a_b.md
  git add -A -f
  git update-index --add --cacheinfo 160000,0123456789012345678901234567890123456789,module
  commit 'x'
  BEFORE=
  PARAM_IGNORE=node_modules link_check; status_is 0
  has '| `README.md` | 9 | `#nope` | no such heading |'
  has '| `README.md` | 10 | `docs/Guide.md` | differs in case: `docs/guide.md` |'
  has '| `README.md` | 12 | `docs/img/none.png` | no such file |'
  has '| `README.md` | 13 | `docs/missing.md` | no such file |'
  has '| `docs/guide.md` | 6 | `./other.md#x` | no such file |'
  has '1 link leads out of the repository'
  same "$BROKEN" 5
  lacks 'nowhere'
  lacks 'matter.md'
  lacks 'out.md'
  lacks 'span.md'
  PARAM_ANCHORS=false PARAM_IGNORE=node_modules link_check
  same "$BROKEN" 4
  link_check
  has 'node_modules/x/README.md'
  printf '[staged](void.md)\n' >staged.md
  git add staged.md
  link_check
  lacks 'void.md'
  PARAM_SOURCE=staged link_check
  has 'void.md'
  git rm -q --cached staged.md && rm staged.md
}

# Names of 200 bytes that grow when they are escaped: every step's output must still fit an environment variable.
check_long() {
  context="long names"
  new_repository long
  local bars i name
  bars=$(printf '|%.0s' $(seq 1 180))
  for i in $(seq 1 400); do
    name=$(printf '%s%03d' "$bars" "$i")
    mkdir "$name"
    printf '{"name":"%s"}' "$name" >"$name/package.json"
    printf 'Ask.\n' >"$name/LICENSE"
    printf '[x](%s)\n[y](%sx)\n' "$name" "$name" >"$name/x.md"
  done
  git add -A
  for i in $(seq 1 20); do commit "$bars$bars: $i"; done
  BEFORE=
  PARAM_TOP=100 repo_report; status_is 0
  has 'more.'
  licence_audit; status_is 0
  same "$UNKNOWN" 800
  link_check; status_is 0
  same "$BROKEN" 800
  release_notes; status_is 0
  unchanged
}

# The scripts start nothing that the definition does not declare: with only those programs to be found they still work.
check_permissions() {
  local name tool
  for name in release-notes repo-report licence-audit link-check; do
    context="declared programs of $name"
    STEP_PATH="$root/declared"
    rm -rf -- "${root:?}/declared" && mkdir "$STEP_PATH"
    for tool in $(sed -n 's/^exec = \[\(.*\)\].*/\1/p' "$here/$name/workflow.toml" | tr -d '",'); do ln -s "$(command -v "$tool")" "$STEP_PATH/$tool"; done
    cd "$root/links" || exit 1
    "$(printf '%s' "$name" | tr - _)"; status_is 0
    STEP_PATH=
  done
}

# 20,000 files and 3,000 commits, written by one fast-import: no script may start a process for each.
check_large() {
  context="large repository"
  new_repository large
  awk 'BEGIN {
    for (i = 1; i <= 20000; i++) printf "blob\nmark :%d\ndata <<E\n// SPDX-License-Identifier: MIT\n# File %d\n[next](f%d.md)\nE\n\n", i, i, i + 1
    for (c = 1; c <= 3000; c++) {
      printf "commit refs/heads/main\ncommitter Bot %d <bot@example.com> %d +0000\ndata <<E\n%s: change number %d\nE\n\n", c % 70, 1600000000 + c * 3600, c % 3 ? "feat" : "fix", c
      if (c == 1) for (i = 1; i <= 20000; i++) printf "M 100644 :%d d%d/e%d/f%d.md\n", i, i % 10, i % 100, i
      else printf "M 100644 :%d d0/e0/f%d.md\n", c, c * 100 % 20000
    }
  }' | git fast-import --quiet
  for run in release_notes repo_report licence_audit link_check; do
    # Time on a core: what else the machine does does not count.
    TIMEFORMAT=%U
    { time $run; } 2>"$root/out/time"
    took=$(tail -n 1 "$root/out/time")
    took=${took%%[.,]*}
    status_is 0
    printf 'large repository: %s took %d s of a core\n' "$run" "$took"
    if [ "$took" -le 20 ]; then ok; else not_ok "$run took $took s"; fi
    if [ "$run" = release_notes ]; then has '- ... and 1900 more'; fi
    if [ "$run" = repo_report ]; then has '20001 files'; fi
  done
}

# What is no script: the files that are saved, and the gates. Whole workflows, by the engine of this repository where it is built.
check_engine() {
  context="whole workflows"
  local sheaf="$here/../packages/cli/bin/sheaf.js" name expected
  if [ ! -f "$here/../packages/cli/dist/run.cjs" ] || ! command -v node >/dev/null; then
    printf 'skipped: %s, the command line is not built (npm run build)\n' "$context"
    return
  fi
  cd "$root/links" || exit 1
  for name in release-notes repo-report licence-audit link-check; do
    context="whole workflow $name"
    expected=0
    if [ "$name" = link-check ]; then expected=8; fi
    STATUS=0
    node "$sheaf" run "$here/$name" -p write="$root/out/a b.md" >"$root/out/stdout" 2>"$root/out/stderr" || STATUS=$?
    ERR=$(cat "$root/out/stderr") OUT=$(cat "$root/out/a b.md")
    status_is "$expected"
    has '# '
    rm -f "$root/out/a b.md"
  done
  OUT=$ERR
  has 'broken links: '
  for name in 'licence-audit -p fail-on-unknown=true' 'release-notes -p write=docs'; do
    context="whole workflow $name"
    STATUS=0
    # shellcheck disable=SC2086 # several words on purpose
    OUT=$(node "$sheaf" run "$here"/$name 2>&1) || STATUS=$?
    ERR=$OUT
    status_is 8
  done
}

check_all() {
  check_refusals
  check_weird
  check_notes
  check_partial
  check_licences
  check_links
  check_engine
  check_permissions
  check_long
  check_large
}

check_shared
if [ -z "${AWKS:-}" ]; then
  check_all
else
  for awk in $AWKS; do
    rm -rf -- "${root:?}/bin" && mkdir "$root/bin"
    ln -s "$(command -v "$awk")" "$root/bin/awk"
    printf 'with %s\n' "$awk"
    rm -f "$root/out/counts"
    (PATH="$root/bin:$PATH" && check_all && printf '%s %s\n' "$passed" "$failed" >"$root/out/counts")
    if [ -f "$root/out/counts" ]; then read -r passed failed <"$root/out/counts"; else not_ok "the checks stopped half-way with $awk"; fi
  done
fi
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
