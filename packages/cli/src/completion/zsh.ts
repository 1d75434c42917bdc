import type { GrammarCommand } from './grammar.js';
import { checked, formatFlags, formatPositionals } from './words-of.js';

/** The script for zsh: a file `_sheaf` in a folder of `$fpath`, or sourced after compinit. */
export function renderZsh(grammar: readonly GrammarCommand[], topics: readonly string[]): string {
  const cases = grammar.map((command) => {
    const subs = command.subs.map(({ name, summary }) => describe(name, summary)).join(' ');
    const about = command.flags.map(({ words: [first = ''], summary }) => describe(first, summary)).join(' ');
    return `    '${command.path}')
      subs=(${subs})
      flags=(${formatFlags(command)
        .map((flag) => `'${flag}'`)
        .join(' ')})
      about=(${about})
      kinds=(${formatPositionals(command)
        .map((kind) => `'${kind}'`)
        .join(' ')})
      ;;`;
  });
  return `#compdef sheaf
# Completion of sheaf for zsh. It reads names that sheaf has seen from files, and runs no sheaf.
_sheaf_spec() {
  subs=() flags=() about=() kinds=()
  case "$1" in
${cases.join('\n')}
    *) return 1 ;;
  esac
}

# Offers the lines of a file of names that begin with $2$cur, without $2, and mean nothing to a shell.
_sheaf_lines() {
  local dir="$XDG_CACHE_HOME" begin="$2$cur" pattern found
  local -a lines
  pattern="\${begin//./[.]}"
  [[ -n "$pattern" ]] || pattern='[A-Za-z0-9]'
  [[ "$dir" == /* ]] || dir="$HOME/.cache"
  [[ "$begin" == *[^A-Za-z0-9:/@._+-]* || ! -f "$dir/sheaf/completion/$1" || -L "$dir/sheaf/completion/$1" ]] && return
  found="$(LC_ALL=C grep -a -m 200 -e "^\${pattern}[A-Za-z0-9:/@._+-]*\\$" -- "$dir/sheaf/completion/$1" 2>/dev/null)"
  [[ -n "$found" ]] || return
  lines=(\${(f)found})
  if [[ -n "$2" ]]; then compadd -S '' -- \${^lines#"$2"}=; else compadd -- $lines; fi
}

# Offers the short names of the nearest sheaf.toml.
_sheaf_names() {
  local dir="$PWD" line table='' name
  local -a names
  local -i count=0
  while [[ ! -f "$dir/sheaf.toml" ]]; do
    [[ -n "$dir" ]] || return
    dir="\${dir%/*}"
  done
  while IFS= read -r line && (( ++count <= 2000 )); do
    if [[ "$line" == '['* ]]; then
      table="$line"
    elif [[ "$table" == '[workflows]'* && "$line" == *=* ]]; then
      name="\${\${line%%=*}//[[:space:]]/}"
      [[ -n "$name" && "$name" != *[^A-Za-z0-9_-]* ]] && names+=("$name")
    fi
  done < "$dir/sheaf.toml"
  (( $#names )) && compadd -- $names
}

# $1: =a,b,c or kinds with + between them.
_sheaf_offer() {
  local kind
  if [[ "$1" == '='* ]]; then
    compadd -- \${(s:,:)\${1#=}}
    return
  fi
  for kind in \${(s:+:)1}; do
    case "$kind" in
      name) _sheaf_names ;;
      verb) _sheaf_spec '' && _describe -t verbs verb subs ;;
      topic) compadd -- ${topics.map(checked).join(' ')} ;;
      file) _files ;;
      folder) _files -/ ;;
      parameter) [[ -n "$first" ]] && _sheaf_lines parameter "\${first%%@*}/" ;;
      -) ;;
      *) _sheaf_lines "$kind" ;;
    esac
  done
}

_sheaf() {
  local -a subs flags about kinds
  local cur="\${PREFIX:-\${words[CURRENT]}}" spec='' word offer='' first='' ended='' flag more=''
  local -i i at=0
  _sheaf_spec ''
  for (( i = 2; i < CURRENT; i++ )); do
    word="\${words[i]}"
    if [[ -n "$offer" ]]; then offer=''; continue; fi
    if [[ -z "$ended" && "$word" == '--' ]]; then ended=1; continue; fi
    if [[ -z "$ended" && "$word" == -* ]]; then
      for flag in $flags; do [[ "$flag" == "$word":* ]] && offer="\${flag#*:}"; done
      continue
    fi
    if (( $#subs )); then
      spec="\${spec:+$spec }$word"
      _sheaf_spec "$spec" || return 1
    else
      [[ -n "$first" ]] || first="$word"
      (( at++ ))
    fi
  done
  if [[ -n "$offer" ]]; then
    _sheaf_offer "$offer"
  elif [[ -z "$ended" && "$cur" == --*=* ]]; then
    for flag in $flags; do [[ "$flag" == "\${cur%%=*}":* ]] && offer="\${flag#*:}"; done
    compset -P '*='
    cur="\${cur#*=}"
    [[ -n "$offer" ]] && _sheaf_offer "$offer"
  elif [[ -z "$ended" && "$cur" == -* ]]; then
    _describe -o -t flags flag about
  elif (( $#subs )); then
    _describe -t verbs verb subs
  else
    [[ "$kinds[-1]" == '*' ]] && { more=1; kinds[-1]=(); }
    (( at < $#kinds )) && offer="$kinds[at + 1]"
    [[ -z "$offer" && -n "$more" ]] && offer="$kinds[-1]"
    [[ -n "$offer" ]] && _sheaf_offer "$offer"
  fi
}

if [[ "$funcstack[1]" == _sheaf ]]; then _sheaf "$@"; else compdef _sheaf sheaf; fi
`;
}

/** `'name:what it does'`; the texts hold no quote. */
function describe(word: string, summary: string): string {
  return `'${checked(word)}:${summary}'`;
}
