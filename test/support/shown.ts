import { fileURLToPath } from 'node:url';
import { isAbsolute, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkDocuments } from '../../packages/cli/test/json-documents.js';
import { findPaths } from '../../packages/cli/src/config/paths.js';
import { parseArgs } from '../../packages/cli/src/frame/args.js';
import { schemaName, type Command, type CommandGroup } from '../../packages/cli/src/frame/command.js';
import type { Context } from '../../packages/cli/src/frame/context.js';
import { describeError } from '../../packages/cli/src/frame/errors.js';
import { exitCodeOf } from '../../packages/cli/src/frame/exit-codes.js';
import { COMMON_FLAGS } from '../../packages/cli/src/frame/help.js';
import { renderDiagnostics } from '../../packages/cli/src/output/diagnostics.js';
import { errorDocument, renderError } from '../../packages/cli/src/output/error.js';
import type { OutputStream } from '../../packages/cli/src/terminal/stream.js';
import { PLAIN } from '../../packages/cli/src/terminal/style.js';
import { createUi } from '../../packages/cli/src/terminal/ui.js';
import { wrapTalk } from '../../packages/cli/src/terminal/wrap.js';
import { cleanEnvironment } from './registry-environment.js';

const PACKAGE_DIR = fileURLToPath(new URL('../../packages/cli', import.meta.url));
/** Looked at so much later, everything has the same age. */
const LATER_MS = 3 * 60 * 60 * 1000;
/** In a pipe, and at terminals that are so wide. */
const WIDTHS = [undefined, 80, 120] as const;

/** Somebody whose commands run in this process, so that each is looked at in several widths after running once. */
export interface Somebody {
  readonly home: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface ShowOptions {
  readonly cwd?: string;
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What happens meanwhile is waited for: it is asked again until its document is like this. */
  readonly until?: RegExp;
}

const WAIT_MS = 20_000;

/** Runs a command once and returns what it shows in a pipe, at terminals of two widths, and under `--json`. */
export async function show(
  { home, env }: Somebody,
  argv: readonly string[],
  options: ShowOptions = {},
): Promise<string> {
  const said: string[] = [];
  const printed: string[] = [];
  const context = contextOf({ ...cleanEnvironment(), HOME: home, ...env, ...options.env }, { said, printed });
  const { cwd = home, input = '', until } = options;
  const ask = () => finish(argv, { ...context, cwd, readStdin: () => Promise.resolve(input) });
  let ended = await ask();
  const deadlineMs = Date.now() + WAIT_MS;
  while (until?.test(ended.json) === false && Date.now() < deadlineMs) {
    await sleep(100);
    ended = await ask();
  }
  checkDocuments(ended.json);
  const looks = WIDTHS.map((columns) => {
    const { talk = '', answer = '', epilogue = '' } = ended.render(columns);
    const told = [...said, talk].filter((text) => text !== '').map((text) => wrapTalk(text, columns));
    const after = epilogue === '' ? [] : [wrapTalk(epilogue, columns)];
    return [
      ['-- stderr', ...told],
      ['-- stdout', ...printed, answer],
      ['-- stderr', ...after],
    ].flatMap(([title = '', ...lines]) => {
      const text = lines.filter((line) => line !== '');
      return text.length === 0 ? [] : [title, ...text];
    });
  });
  const [pipe = [], narrow = [], wide = []] = looks;
  const isSame = (one: readonly string[], other: readonly string[]): boolean =>
    one.join('\n') === other.join('\n');
  const text = [
    `$ sheaf ${argv.join(' ')}`,
    `exit ${ended.exitCode}`,
    '',
    '== in a pipe',
    ...pipe,
    '',
    '== at 80 columns',
    ...(isSame(narrow, pipe) ? ['(the same)'] : narrow),
    '',
    '== at 120 columns',
    ...(isSame(wide, narrow) ? ['(the same)'] : wide),
    '',
    '== --json',
    ended.json,
    '',
  ].join('\n');
  for (const [, id = ''] of ended.json.matchAll(/"(?:runId|id)":"([a-z0-9]{10})"/g)) runs.add(id);
  documents.push(ended.json);
  return normalise(text, home);
}

/** Every document so far, oldest first. */
const documents: string[] = [];

/** What the newest document that has it says in the place that a pattern marks. */
export function lastNamed(pattern: RegExp): string {
  const found = documents.flatMap((document) => pattern.exec(document)?.[1] ?? []);
  return found.at(-1) ?? 'none';
}

/** Runs that any document has named. */
const runs = new Set<string>();

/** The run that was named last. */
export function lastRun(): string {
  return [...runs].at(-1) ?? 'none';
}

interface Ended {
  readonly exitCode: number;
  readonly json: string;
  readonly render: (columns: number | undefined) => {
    readonly talk?: string | undefined;
    readonly answer?: string | undefined;
    readonly epilogue?: string | undefined;
  };
}

async function finish(argv: readonly string[], context: Context): Promise<Ended> {
  try {
    const { command, words } = await load(argv);
    const input = parseArgs(words, [...command.flags, ...COMMON_FLAGS], command.positionals, command.name);
    const { exitCode, json, render } = await command.run(context, input);
    return {
      exitCode,
      json: JSON.stringify({ schema: schemaName(command.name), ...json }),
      render: (columns) =>
        render({ columns, style: PLAIN, talkStyle: PLAIN, talkColumns: columns, nowMs: context.now() }),
    };
  } catch (error) {
    const report = describeError(error);
    const exitCode = exitCodeOf(report);
    return {
      exitCode,
      json: JSON.stringify(errorDocument(report, exitCode)),
      render: (columns) => ({
        talk: [
          renderDiagnostics(report.diagnostics, PLAIN, report.sources, columns),
          renderError(report, PLAIN),
        ]
          .filter((part) => part !== '')
          .join('\n'),
      }),
    };
  }
}

async function load(
  argv: readonly string[],
): Promise<{ readonly command: Command; readonly words: readonly string[] }> {
  const [verb = '', sub = ''] = argv;
  const { command } = (await import(join(PACKAGE_DIR, 'src', 'commands', `${verb}.ts`))) as {
    command: Command | CommandGroup;
  };
  if (!('commands' in command)) return { command, words: argv.slice(1) };
  const found = command.commands.find(({ name }) => name === `${verb} ${sub}`);
  if (found === undefined) throw new Error(`there is no ${verb} ${sub}`);
  return { command: found, words: argv.slice(2) };
}

function contextOf(
  env: Readonly<Record<string, string | undefined>>,
  kept: { readonly said: string[]; readonly printed: string[] },
): Context {
  const stream = (lines: string[]): OutputStream => ({
    isTty: false,
    canRedraw: false,
    style: PLAIN,
    columns: () => undefined,
    write: (text) => {
      lines.push(String(text).replace(/\n$/, ''));
    },
    isClosed: () => false,
    failure: () => undefined,
    flush: () => Promise.resolve(),
  });
  return {
    env,
    cwd: '/',
    paths: findPaths(env, isAbsolute),
    ui: createUi(stream(kept.said), undefined, { now: () => Date.now() }),
    stdout: stream(kept.printed),
    json: false,
    signal: new AbortController().signal,
    now: () => Date.now() + LATER_MS,
    stdinIsTty: false,
    readStdin: () => Promise.resolve(''),
    packageDir: PACKAGE_DIR,
    version: '0.1.0',
  };
}

/** What differs from run to run, replaced by something as wide where columns hang on it. */
function normalise(text: string, home: string): string {
  return [...runs]
    .reduce((line, id) => line.replaceAll(id, '7f3kq2m9xa'), text)
    .replaceAll(home, '/home/ana')
    .replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, '<request>')
    .replace(/127\.0\.0\.1:\d{5}/g, '127.0.0.1:PORT_')
    .replace(/[0-9a-f]{8}(?=\.sheaf\.localhost)/g, 'registry')
    .replace(/\+[0-9a-f]{8}\+[A-Za-z0-9+/=]{44}/g, '+KEYHASH_+LOG_KEY')
    .replace(/sha256:[0-9a-f]{64}/g, `sha256:${'d'.repeat(64)}`)
    .replace(/\bshf_[0-9a-f]{16}_[\w-]{43}/g, `shf_${'a'.repeat(16)}_${'s'.repeat(43)}`)
    .replace(/MCowBQYDK2VwAyEA[\w+/]{43}=/g, `MCowBQYDK2VwAyEA${'p'.repeat(43)}=`)
    .replace(/\b(wh|msg|evt|whsec)_[\w+/=-]{24,}/g, (_, kind: string) => `${kind}_${'b'.repeat(24)}`)
    .replace(/\b[0-9a-f]{64}\b/g, 'e'.repeat(64))
    .replace(/\b[0-9a-f]{32}\b/g, 'f'.repeat(32))
    .replace(/\b[0-9a-f]{16}\b/g, 'a'.repeat(16))
    .replace(/\b[0-9a-f]{4}…[0-9a-f]{0,4}/g, (id) => '9c1f…e07a'.slice(0, id.length))
    .replace(/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?=Z|\b)/g, '2026-03-01T09:00:00')
    .replace(/\b\d{4}-\d\d-\d\d \d\d:\d\d\b/g, '2026-03-01 09:00')
    .replace(/\b\d{4}-\d\d-\d\d\b/g, '2026-03-01')
    .replace(/\b\d+\.\d s\b/g, '0.0 s')
    .replace(/\b\d\d:\d\d UTC/g, '09:00 UTC')
    .replace(/\bANSWER {2,}/g, 'ANSWER  ')
    .replace(/\b\d+ ms\b(?: {2,}(?=\S))?/g, (found) => (found.endsWith(' ') ? '12 ms  ' : '12 ms'))
    .replace(/"(\w*(?:At|Ms|at))":\d+(?:\.\d+)?/g, '"$1":0')
    .replace(/"downloads":\d+/g, '"downloads":0')
    .replace(/,"downloadsByDay":\{[^}]*\}/g, '')
    .replace(/\b\d+ times? (?:this week, \d+ times? in all|so far)/g, '3 times this week, 41 times in all')
    .replace(/"checkpoint":"[^"]*"/g, '"checkpoint":"<note>"')
    .replace(/\blog key [0-9a-f]{8}\b/g, 'log key aab9f39b')
    .replace(/\broot [A-Za-z0-9+/]{43}=/g, `root ${'r'.repeat(43)}=`)
    .replace(/"root":"[A-Za-z0-9+/]{43}="/g, `"root":"${'r'.repeat(43)}="`);
}
