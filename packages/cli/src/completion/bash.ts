import { formatFlags, formatPositionals } from './words-of.js';
import type { GrammarCommand } from './grammar.js';

/** The script for bash, 3.2 or newer. It starts no Node, asks no network, and expands no word that it offers. */
export function renderBash(grammar: readonly GrammarCommand[], topics: readonly string[]): string {
  const cases = grammar.map((command) => {
    const subs = command.subs.map(({ name }) => name).join(' ');
    return `    '${command.path}') subs='${subs}' flags='${formatFlags(command).join(' ')}' kinds='${formatPositionals(command).join(' ')}' ;;`;
  });
  return `# Completion of sheaf for bash. It reads names that sheaf has seen from files, and runs no sheaf.
_sheaf_spec() {
  subs='' flags='' kinds=''
  case "$1" in
${cases.join('\n')}
    *) return 1 ;;
  esac
}

# Offers the lines of a file of names that begin with $2$cur, without $2, and mean nothing to a shell.
_sheaf_lines() {
  local dir="$XDG_CACHE_HOME" begin="$2$cur" pattern line
  pattern="\${begin//./[.]}"
  [ -n "$pattern" ] || pattern='[A-Za-z0-9]'
  case "$dir" in /*) ;; *) dir="$HOME/.cache" ;; esac
  case "$begin" in *[!A-Za-z0-9:/@._+-]*) return ;; esac
  [ -f "$dir/sheaf/completion/$1" ] && [ ! -L "$dir/sheaf/completion/$1" ] || return
  while IFS= read -r line; do
    COMPREPLY[\${#COMPREPLY[@]}]="\${line:\${#2}}$3"
  done < <(LC_ALL=C grep -a -m 200 -e "^\${pattern}[A-Za-z0-9:/@._+-]*\\$" -- "$dir/sheaf/completion/$1" 2>/dev/null)
}

# Offers the short names of the nearest sheaf.toml.
_sheaf_names() {
  local dir="$PWD" line table='' count=0
  while [ ! -f "$dir/sheaf.toml" ]; do
    [ -n "$dir" ] || return
    dir="\${dir%/*}"
  done
  while IFS= read -r line && [ $((count += 1)) -le 2000 ]; do
    case "$line" in
      '['*) table="$line" ;;
      *=*)
        line="\${line%%=*}"
        line="\${line//[[:space:]]/}"
        case "$table" in '[workflows]'*) ;; *) continue ;; esac
        case "$line" in '' | *[!A-Za-z0-9_-]*) ;; "$cur"*) COMPREPLY[\${#COMPREPLY[@]}]="$line" ;; esac
        ;;
    esac
  done < "$dir/sheaf.toml"
}

_sheaf_words() {
  local word
  for word in $1; do
    case "$word" in "$cur"*) COMPREPLY[\${#COMPREPLY[@]}]="$word" ;; esac
  done
}

# $1: =a,b,c or kinds with + between them.
_sheaf_offer() {
  local kind
  case "$1" in
    =*) kind="\${1#=}"; _sheaf_words "\${kind//,/ }"; return ;;
  esac
  for kind in \${1//+/ }; do
    case "$kind" in
      name) _sheaf_names ;;
      verb) subs='' flags=''; _sheaf_spec ''; _sheaf_words "$subs" ;;
      topic) _sheaf_words '${topics.join(' ')}' ;;
      file | folder)
        compopt -o filenames 2>/dev/null
        while IFS= read -r kind; do
          COMPREPLY[\${#COMPREPLY[@]}]="$kind"
        done < <(if [ "$1" = folder ]; then compgen -d -- "$cur"; else compgen -f -- "$cur"; fi)
        ;;
      parameter)
        [ -n "$first" ] || continue
        compopt -o nospace 2>/dev/null
        _sheaf_lines parameter "\${first%%@*}/" '='
        ;;
      -) ;;
      *) _sheaf_lines "$kind" ;;
    esac
  done
}

_sheaf() {
  local IFS=$' \\t\\n' line="\${COMP_LINE:0:COMP_POINT}" cur='' path='' word='' offer='' first='' before='' flag subs flags kinds
  local i=1 at=0 last ended='' words
  COMPREPLY=()
  read -ra words <<< "$line"
  case "$line" in *[[:space:]]) words[\${#words[@]}]='' ;; esac
  last=$((\${#words[@]} - 1))
  cur="\${words[last]}"
  _sheaf_spec ''
  while [ "$i" -lt "$last" ]; do
    word="\${words[i]}"
    i=$((i + 1))
    if [ -n "$offer" ]; then offer=''; continue; fi
    if [ -z "$ended" ]; then
      case "$word" in
        --) ended=1; continue ;;
        -*)
          for flag in $flags; do
            case "$flag" in "$word":*) offer="\${flag#*:}" ;; esac
          done
          continue
          ;;
      esac
    fi
    if [ -n "$subs" ]; then
      path="\${path:+$path }$word"
      _sheaf_spec "$path" || return 0
    else
      [ -n "$first" ] || first="$word"
      at=$((at + 1))
    fi
  done
  if [ -n "$offer" ]; then
    _sheaf_offer "$offer"
  elif [ -n "$subs" ] && [[ "$cur" != -* ]]; then
    _sheaf_words "$subs"
  elif [ -z "$ended" ] && [[ "$cur" == --*=* ]]; then
    for flag in $flags; do
      case "$flag" in "\${cur%%=*}":*) offer="\${flag#*:}" ;; esac
    done
    cur="\${cur#*=}"
    [ -n "$offer" ] && _sheaf_offer "$offer"
  elif [ -z "$ended" ] && [[ "$cur" == -* ]]; then
    for flag in $flags; do
      case "\${flag%%:*}" in --*) _sheaf_words "\${flag%%:*}" ;; esac
    done
  else
    i=0
    for word in $kinds; do
      case "$word" in \\*) ;; *) [ "$i" -le "$at" ] && offer="$word"; i=$((i + 1)) ;; esac
    done
    if [ "$i" -gt "$at" ] || [[ "$kinds" == *'*' ]]; then _sheaf_offer "$offer"; fi
  fi
  # What stands before a break of words is on the line already.
  for flag in ':' '@' '='; do
    case "$COMP_WORDBREAKS" in *"$flag"*) ;; *) continue ;; esac
    case "$cur" in *"$flag"*) ;; *) continue ;; esac
    before="\${cur%"\${cur##*"$flag"}"}"
    cur="\${cur#"$before"}"
    for ((i = 0; i < \${#COMPREPLY[@]}; i++)); do COMPREPLY[i]="\${COMPREPLY[i]#"$before"}"; done
  done
}
complete -F _sheaf sheaf
`;
}
