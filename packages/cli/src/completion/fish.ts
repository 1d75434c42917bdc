import type { GrammarCommand } from './grammar.js';
import { checked, formatFlags, formatPositionals } from './words-of.js';

/** The script for fish: a file `sheaf.fish` in its folder of completions. */
export function renderFish(grammar: readonly GrammarCommand[], topics: readonly string[]): string {
  const cases = grammar.map((command) => {
    const subs = command.subs.map(({ name, summary }) => `'${checked(name)}\\t${summary}'`).join(' ');
    const about = command.flags.map(({ words: [first = ''], summary }) => `'${checked(first)}\\t${summary}'`);
    const quoted = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(' ');
    return `        case '${command.path}'
            set -g __sheaf_subs ${subs.replaceAll('\\t', '\t')}
            set -g __sheaf_flags ${formatFlags(command).join(' ')}
            set -g __sheaf_about ${about.join(' ').replaceAll('\\t', '\t')}
            set -g __sheaf_kinds ${quoted(formatPositionals(command))}`;
  });
  return `# Completion of sheaf for fish. It reads names that sheaf has seen from files, and runs no sheaf.
function __sheaf_spec
    switch $argv[1]
${cases.join('\n')}
        case '*'
            return 1
    end
    # \`set\` leaves the status of what was before it.
    return 0
end

# Offers the lines of a file of names that mean nothing to a shell.
function __sheaf_lines
    set -l dir $HOME/.cache
    string match -q '/*' -- "$XDG_CACHE_HOME"; and set dir $XDG_CACHE_HOME
    set -l file $dir/sheaf/completion/$argv[1]
    test -f $file; and not test -L $file; or return
    set -l begin '[A-Za-z0-9]'
    test -n "$argv[2]"; and set begin (string escape --style=regex -- $argv[2])
    set -l pattern '^'$begin'[A-Za-z0-9:/@._+-]*$'
    string match -r -- $pattern <$file | head -n 200
end

# Offers the short names of the nearest sheaf.toml.
function __sheaf_names
    set -l dir $PWD
    while not test -f $dir/sheaf.toml
        test -n "$dir"; or return
        set dir (string replace -r '/[^/]*$' '' -- $dir)
    end
    set -l table ''
    set -l count 0
    while read -l line
        set count (math $count + 1)
        test $count -le 2000; or break
        if string match -q '[*' -- $line
            set table $line
        else if string match -q '[workflows]*' -- $table
            string replace -r -f '^\\s*([A-Za-z0-9_-]+)\\s*=.*$' '$1' -- $line
        end
    end <$dir/sheaf.toml
end

# $argv[1]: =a,b,c or kinds with + between them; $argv[2]: what is typed so far.
function __sheaf_offer
    if string match -q '=*' -- $argv[1]
        string split , -- (string sub -s 2 -- $argv[1])
        return
    end
    for kind in (string split + -- $argv[1])
        switch $kind
            case name
                __sheaf_names
            case verb
                __sheaf_spec ''
                printf '%s\\n' $__sheaf_subs
            case topic
                printf '%s\\n' ${topics.map(checked).join(' ')}
            case file
                __fish_complete_path $argv[2]
            case folder
                __fish_complete_directories $argv[2]
            case parameter
                if test -n "$__sheaf_first"
                    set -l before (string replace -r '@.*$' '' -- $__sheaf_first)/
                    __sheaf_lines parameter $before$argv[2] | string replace -- $before '' | string replace -r '$' '='
                end
            case -
            case '*'
                __sheaf_lines $kind $argv[2]
        end
    end
end

function __sheaf_complete
    set -l tokens (commandline -opc)
    set -l cur (commandline -ct)
    set -l spec ''
    set -l offer ''
    set -l ended ''
    set -l at 0
    set -g __sheaf_first ''
    __sheaf_spec ''
    for word in $tokens[2..-1]
        if test -n "$offer"
            set offer ''
        else if test -z "$ended" -a "x$word" = x--
            set ended 1
        else if test -z "$ended"; and string match -q -- '-*' $word
            for flag in $__sheaf_flags
                string match -q -- "$word:*" $flag; and set offer (string replace -r '^[^:]*:' '' -- $flag)
            end
        else if set -q __sheaf_subs[1]
            set spec (string trim -- "$spec $word")
            __sheaf_spec $spec; or return
        else
            test -n "$__sheaf_first"; or set __sheaf_first $word
            set at (math $at + 1)
        end
    end
    if test -n "$offer"
        __sheaf_offer $offer $cur
    else if test -z "$ended"; and string match -q -- '--*=*' $cur
        set -l name (string replace -r '=.*$' '' -- $cur)
        for flag in $__sheaf_flags
            string match -q -- "$name:*" $flag; and set offer (string replace -r '^[^:]*:' '' -- $flag)
        end
        test -n "$offer"; and printf '%s\\n' $name=(__sheaf_offer $offer (string replace -r '^[^=]*=' '' -- $cur))
    else if test -z "$ended"; and string match -q -- '-*' $cur
        printf '%s\\n' $__sheaf_about
    else if set -q __sheaf_subs[1]
        printf '%s\\n' $__sheaf_subs
    else
        set -l kinds $__sheaf_kinds
        set -l more ''
        if test (count $kinds) -gt 0 -a "$kinds[-1]" = '*'
            set more 1
            set -e kinds[-1]
        end
        if test $at -lt (count $kinds)
            __sheaf_offer $kinds[(math $at + 1)] $cur
        else if test -n "$more"
            __sheaf_offer $kinds[-1] $cur
        end
    end
end

complete -c sheaf -f -k -a '(__sheaf_complete)'
`;
}
