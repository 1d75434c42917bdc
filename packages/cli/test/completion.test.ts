import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseWorkflowId } from '@sheaf/workflow';
import { beforeAll, describe, expect, it } from 'vitest';
import { remember } from '../src/completion/candidates.js';
import { rememberParameters } from '../src/completion/remember-parameters.js';
import { renderScripts } from '../src/completion/scripts.js';
import { SHELLS, type Shell } from '../src/completion/shells.js';
import { findPaths } from '../src/config/paths.js';
import { buildCli, createMachine, type Machine } from './harness.js';
import { loadVerbs } from './load-commands.js';

const scripts = renderScripts(await loadVerbs());
/** What each shell prints for a command line, one word a line, from the very script that users get. */
const DRIVERS: Readonly<Partial<Record<Shell, string>>> = {
  bash: 'source "$SCRIPT"; COMP_LINE="$LINE"; COMP_POINT=${#LINE}; _sheaf; printf "%s\\n" "${COMPREPLY[@]}"',
  // The system of zsh wants a terminal; its two functions that take words are put in their place.
  zsh: `compdef() { :; }
    offer() { local each; for each in "$@"; do [[ "$each" == "$cur"* ]] && print -r -- "$each"; done; }
    compadd() { [[ "$1" == -S ]] && shift 2; [[ "$1" == -- ]] && shift; offer "$@"; }
    _describe() { local each; for each in "\${(@P)\${@[-1]}}"; do offer "\${each%%:*}"; done; }
    _files() { :; }
    compset() { :; }
    source "$SCRIPT"
    words=(\${(z)LINE}); [[ "$LINE" == *' ' ]] && words+=(''); CURRENT=$#words; PREFIX="\${words[CURRENT]}"
    _sheaf`,
  fish: 'source $SCRIPT; complete -C "$LINE" | string replace -r "\\t.*" ""',
};
const ARGS: Readonly<Partial<Record<Shell, readonly string[]>>> = {
  bash: ['--norc', '-c'],
  zsh: ['-f', '-c'],
  fish: ['--no-config', '-c'],
};
const isThere = (shell: string): boolean => spawnSync(shell, ['--version']).status === 0;
const missing = ['zsh', 'fish'].filter((shell) => !isThere(shell));
if (missing.length > 0) {
  const text = `completion is not tested in ${missing.join(' and ')}: apt-get install -y ${missing.join(' ')}`;
  if (process.env['CI'] === 'true' && existsSync('/usr/bin/apt-get')) throw new Error(text);
  console.warn(`SKIPPED: ${text}`);
}

const machine = createMachine();
const project = join(machine.dir, 'project', 'deep');

beforeAll(async () => {
  buildCli();
  mkdirSync(project, { recursive: true });
  writeFileSync(
    join(machine.dir, 'project', 'sheaf.toml'),
    '[registries]\ncorp = "https://x"\n[workflows]\nship = "acme/ship@^1"\nbad$(touch pwned) = "a/b"\n',
  );
  for (const [shell, script] of scripts) writeFileSync(join(machine.dir, shell), script);
  const context = { paths: findPaths(machine.env, () => true) };
  await remember(context, 'reference', ['acme/deploy', 'corp:acme/deploy', 'acme/deploy@1.2.0', ...HOSTILE]);
  const definition = { id: parseWorkflowId('acme/ship'), parameters: { since: {}, 'dry-run': {} } };
  await rememberParameters(context, 'ship', definition as never);
  await remember(context, 'parameter', ['ship/$(touch pwned)', 'ship/a;touch pwned']);
  await remember(context, 'key', ['laptop', '-rf', '$(id)']);
});

/** What a registry may call things, when it means harm. */
const HOSTILE = [
  'acme/$(touch pwned)',
  'acme/`touch pwned`',
  'acme/a;touch pwned',
  "acme/a';touch pwned;'",
  'acme/\u001b[31m',
  'acme/a\ntouch pwned',
  '--acme/x',
  'acme/a b',
];

function complete(shell: Shell, line: string): readonly string[] {
  const { stdout, stderr } = spawnSync(shell, [...(ARGS[shell] ?? []), DRIVERS[shell] ?? ''], {
    cwd: project,
    encoding: 'utf8',
    env: {
      ...machine.env,
      HOME: machine.dir,
      SCRIPT: join(machine.dir, shell),
      LINE: line,
      LC_ALL: 'C.UTF-8',
    },
  });
  expect(stderr, line).toBe('');
  return [...new Set(stdout.split('\n').filter((word) => word !== ''))].sort();
}

describe.each(SHELLS.filter((shell) => shell !== 'powershell' && isThere(shell)))('%s', (shell) => {
  it.each([
    ['sheaf valid', ['validate']],
    ['sheaf key rot', ['rotate']],
    ['sheaf key list --name', ['--namespace']],
    ['sheaf validate --format ', ['github', 'human', 'sarif']],
    ['sheaf completion f', ['fish']],
    ['sheaf help exit', ['exit-codes']],
    ['sheaf help lock.t', ['lock.tampered', 'lock.too_large']],
    ['sheaf publish --key l', ['laptop']],
    ['sheaf info acme/', ['acme/deploy', 'acme/deploy@1.2.0']],
    ['sheaf run shi', ['ship']],
    ['sheaf verify shi', ['ship']],
    ['sheaf key export l', ['laptop']],
    ['sheaf key rotate acme --from l', ['laptop']],
    ['sheaf webhook create l', []],
    ['sheaf run ship -p ', ['dry-run=', 'since=']],
    ['sheaf run acme/ship@^1 --param s', ['since=']],
    ['sheaf plan other -p ', []],
    ['sheaf run -p ', []],
    ['sheaf nonsense ', []],
    ['sheaf info acme/[', []],
  ])('offers for `%s` %j', (line, expected) => {
    expect(complete(shell, line)).toEqual(expected);
  });

  it('offers nothing that a shell would take for more than a word, even from a file that was tampered with', () => {
    const file = join(machine.dir, 'cache', 'sheaf', 'completion', 'namespace');
    writeFileSync(file, `${HOSTILE.join('\n')}\nacme\n`);
    const offered = [...complete(shell, 'sheaf namespace show '), ...complete(shell, 'sheaf info ')];
    for (const word of offered) expect(word).toMatch(/^[A-Za-z0-9][A-Za-z0-9:/@._+-]*$/);
    expect(offered).toContain('acme');
    expect(existsSync(join(project, 'pwned'))).toBe(false);
  });
});

/** A zsh at a terminal of its own, to which lines are typed with a tab and a return behind them; prints what they ran. */
const TYPED = `zmodload zsh/zpty
  zpty inner 'zsh -f -i'
  zpty -w inner 'PS1=; TERM=dumb; autoload -Uz compinit && compinit -u -D && source "$SCRIPT"'
  zpty -w inner 'sheaf() { print -r -- "ran""<$*>" }; print -r -- "rea""dy"'
  zpty -r -m inner said '*ready*'
  for line in "\${(@f)LINES_TYPED}"; do
    zpty -w inner "$line"$'\\t'
    zpty -r -m inner said '*ran<*>*'
    said="\${said##*ran<}"
    print -r -- "\${said%%>*}"
  done
  zpty -d inner`;

it.runIf(isThere('zsh'))('is what zsh puts in at a terminal when tab is pressed', () => {
  const lines = [
    ['sheaf key exp', 'key export'],
    ['sheaf verify --off', 'verify --offline'],
    ['sheaf run shi', 'run ship'],
    ['sheaf publish --key=l', 'publish --key=laptop'],
    ['sheaf validate --format s', 'validate --format sarif'],
    ['sheaf info acme/deploy@', 'info acme/deploy@1.2.0'],
    ['sheaf run ship -p si', 'run ship -p since='],
    ['sheaf nonsense x', 'nonsense x'],
  ];
  const { stdout } = spawnSync('zsh', ['-f', '-c', TYPED], {
    cwd: project,
    encoding: 'utf8',
    timeout: 10_000,
    env: {
      ...machine.env,
      HOME: machine.dir,
      SCRIPT: join(machine.dir, 'zsh'),
      LINES_TYPED: lines.map(([line]) => line).join('\n'),
      LC_ALL: 'C.UTF-8',
    },
  });
  expect(stdout.trimEnd().split('\n')).toEqual(lines.map(([, ran]) => ran));
});

it('completes behind a break of words in bash as bash puts it in', () => {
  expect(complete('bash', 'sheaf info corp:ac')).toEqual(['acme/deploy']);
  expect(complete('bash', 'sheaf info acme/deploy@1')).toEqual(['1.2.0']);
});

it('prints the same script, and where to put it', () => {
  const printed = createMachine().run(['completion', 'fish']);
  expect(printed).toEqual({ status: 0, stdout: scripts.get('fish'), stderr: '' });
  expect(JSON.parse(createMachine().run(['completion', 'zsh', '--json']).stdout)).toMatchObject({
    shell: 'zsh',
    install: 'sheaf completion zsh > "${fpath[1]}/_sheaf"',
  });
  expect(createMachine().run(['completion', 'tcsh']).status).toBe(2);
});

it('has a script for PowerShell whose brackets and quotes are closed', () => {
  const script = scripts.get('powershell') ?? '';
  const bare = script.replace(/'(?:[^']|'')*'|"[^"]*"|#.*$/gm, '');
  for (const [open, close] of [
    ['(', ')'],
    ['{', '}'],
    ['[', ']'],
  ] as const)
    expect(bare.split(open).length, open).toBe(bare.split(close).length);
  expect(bare).not.toMatch(/['"]/);
  expect(script).toContain('Register-ArgumentCompleter -Native -CommandName sheaf');
});

describe('what is remembered', () => {
  const other: Machine = createMachine();
  const context = { paths: findPaths(other.env, () => true) };
  const file = join(other.dir, 'cache', 'sheaf', 'completion', 'run');
  const lines = async (): Promise<readonly string[]> => {
    const { readFile } = await import('node:fs/promises');
    return (await readFile(file, 'utf8')).trimEnd().split('\n');
  };

  it('has the newest first, each once, and at most 10,000', async () => {
    const many = Array.from({ length: 10_050 }, (_, i) => `run${i}`);
    await remember(context, 'run', many);
    await remember(context, 'run', ['newest', 'run5']);
    const kept = await lines();
    expect(kept).toHaveLength(10_000);
    expect(kept.slice(0, 3)).toEqual(['newest', 'run5', 'run0']);
  });

  it('is given up in silence where nothing can be written', async () => {
    writeFileSync(join(other.dir, 'file'), '');
    const nowhere = { paths: findPaths({ XDG_CACHE_HOME: join(other.dir, 'file') }, () => true) };
    await expect(remember(nowhere, 'run', ['a'])).resolves.toBeUndefined();
    await expect(remember({ paths: findPaths({}, () => true) }, 'run', ['a'])).resolves.toBeUndefined();
  });

  it('stays whole when several processes write at once', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, i) => remember(context, 'run', [`race${i}`])));
    const kept = await lines();
    expect(kept.every((line) => /^[a-z0-9]+$/.test(line))).toBe(true);
    expect(kept.some((line) => line.startsWith('race'))).toBe(true);
  });
});
