import { isAbsolute } from 'node:path';
import { findPaths, withVariable } from '../config/paths.js';
import { greetOnce } from '../notices/first-run.js';
import { tellOfUpdate } from '../notices/update.js';
import { annotateError } from '../output/annotations.js';
import { renderDiagnostics } from '../output/diagnostics.js';
import { errorDocument, renderError } from '../output/error.js';
import { page } from '../terminal/pager.js';
import { isAccessible, openOutput, type OutputStream } from '../terminal/stream.js';
import { findTerminal } from '../terminal/terminal.js';
import { createUi } from '../terminal/ui.js';
import { wrapTalk } from '../terminal/wrap.js';
import { parseArgs } from './args.js';
import { schemaName, type Command, type CommandGroup } from './command.js';
import { findCi, isCi, jsonWithoutCommands } from './ci.js';
import type { Context } from './context.js';
import { CliError, codeOf, describeError } from './errors.js';
import { exitCodeOf, type ExitCode } from './exit-codes.js';
import { guardAnswer, guardTalk } from './guard-output.js';
import { COMMON_FLAGS, renderCommandHelp, renderGroupHelp } from './help.js';
import { listenForSignals } from './signals.js';
import { findNear } from './suggest.js';
import { waitForUnfinished } from './unfinished.js';
import { unknownVerb } from './unknown-verb.js';

/** Where the package lies and which version it is: known to the bundle, not to the sources. */
export interface Installation {
  readonly packageDir: string;
  readonly version: string;
}

/**
 * Runs one verb in this process and ends it. Without a verb, says that there is none of that name.
 *
 * @param argv the words after `sheaf`, the verb first
 */
export async function runMain(
  verb: Command | CommandGroup | undefined,
  argv: readonly string[],
  installation: Installation,
): Promise<never> {
  const { env } = process;
  const ci = findCi(env);
  const answers = openOutput(process.stdout, env);
  const stdout = guardAnswer(answers, ci);
  const log = openOutput(process.stderr, env);
  const stderr = guardTalk(log, ci);
  const json = asksForJson(argv);
  const signals = listenForSignals(process, stderr);
  // What stdin is, is looked at only where it matters: that alone costs a millisecond.
  const terminal = json || !stderr.isTty || isCi({ env }) ? undefined : findTerminal(process.stdin, stderr);
  const now = (): number => Date.now();
  const ui = createUi(stderr, terminal, { isNumbered: isAccessible(env), log, now });
  const context: Context = {
    env,
    cwd: process.cwd(),
    paths: findPaths(env, isAbsolute),
    ui,
    stdout,
    json,
    signal: signals.signal,
    now,
    get stdinIsTty() {
      return process.stdin.isTTY;
    },
    readStdin,
    ...installation,
  };
  // Node would print the bundle's one long line first.
  process.on('uncaughtException', (error) => {
    const code = printFailure(error, context, stdout, stderr);
    void Promise.all([stdout.flush(), stderr.flush(), waitForUnfinished()]).then(() => process.exit(code));
  });
  let exitCode: ExitCode;
  try {
    if (verb === undefined) throw unknownVerb(argv[0] ?? '');
    await greetOnce(context);
    exitCode = await runVerb(verb, argv, context, { stdout, stderr, answers });
  } catch (error) {
    exitCode = printFailure(signals.signal.aborted ? cancelled(error) : error, context, stdout, stderr);
  }
  await tellOfUpdate(context);
  await Promise.all([stdout.flush(), stderr.flush(), waitForUnfinished()]);
  const unwritten = stdout.failure();
  if (unwritten !== undefined) {
    exitCode = printFailure(answerLost(unwritten), context, stdout, stderr);
    await stderr.flush();
  }
  process.exit(exitCode);
}

/** Also of a version that is not known: the refusal is a document as well. */
function asksForJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return argv.slice(0, end === -1 ? undefined : end).some((word) => /^--json(=|$)/.test(word));
}

async function runVerb(
  verb: Command | CommandGroup,
  argv: readonly string[],
  context: Context,
  {
    stdout,
    stderr,
    answers,
  }: { readonly stdout: OutputStream; readonly stderr: OutputStream; readonly answers: OutputStream },
): Promise<ExitCode> {
  const picked =
    'commands' in verb ? pickCommand(verb, argv.slice(1)) : { command: verb, words: argv.slice(1) };
  const columns = context.json ? undefined : stdout.columns();
  if (picked === 'help') {
    stdout.write(helpText(verb.name, renderGroupHelp(verb as CommandGroup, columns), context.json));
    return 0;
  }
  const { command } = picked;
  const words = 'words' in picked ? picked.words : argv.slice(2);
  const input = parseArgs(words, [...command.flags, ...COMMON_FLAGS], command.positionals, command);
  if (input.has('help')) {
    stdout.write(helpText(command.name, renderCommandHelp(command, columns), context.json));
    return 0;
  }
  const outcome = await command.run(context, input);
  if (context.json) {
    stdout.write(`${jsonWithoutCommands({ schema: schemaName(command.name), ...outcome.json })}\n`);
    return outcome.exitCode;
  }
  const look = {
    columns: stdout.columns(),
    style: stdout.style,
    talkStyle: stderr.style,
    talkColumns: stderr.columns(),
    nowMs: context.now(),
  };
  const {
    talk = '',
    marks = '',
    answer = '',
    epilogue = '',
    paged = false,
    isReport = false,
  } = outcome.render(look);
  if (marks !== '') context.ui.mark(marks);
  if (talk !== '') stderr.write(`${wrapTalk(talk, stderr.columns())}\n`);
  if (paged && stdout.isTty) await page(`${answer}\n`, stdout, context.env);
  else if (answer !== '') (isReport ? answers : stdout).write(`${answer}\n`);
  if (epilogue !== '') stderr.write(`${wrapTalk(epilogue, stderr.columns())}\n`);
  return outcome.exitCode;
}

/** A page of help, under `--json` in a document. */
function helpText(name: string, text: string, json: boolean): string {
  return json ? `${JSON.stringify({ schema: 'sheaf.help/1', name, text })}\n` : text;
}

function pickCommand(group: CommandGroup, words: readonly string[]): { readonly command: Command } | 'help' {
  const [word = ''] = words;
  if (words.every((each) => /^(--help|-h|--json(=1)?)$/.test(each)) || word === '--help' || word === '-h')
    return 'help';
  const names = group.commands.map((command) => command.name.slice(group.name.length + 1));
  const command = group.commands[names.indexOf(word)];
  if (command !== undefined) return { command };
  const near = findNear(word, names);
  throw new CliError('usage.unknown_verb', `sheaf ${group.name} has no command \`${word}\``, {
    hint: near === undefined ? `sheaf ${group.name} --help` : `did you mean sheaf ${group.name} ${near}`,
  });
}

function printFailure(
  error: unknown,
  context: Context,
  stdout: OutputStream,
  stderr: OutputStream,
): ExitCode {
  const report = withVariable(describeError(error), context.paths);
  const exitCode = exitCodeOf(report);
  if (report.diagnostics.length > 0)
    stderr.write(
      `${renderDiagnostics(report.diagnostics, stderr.style, report.sources, stderr.columns())}\n`,
    );
  const annotations = annotateError(report, context);
  if (annotations !== '') context.ui.mark(annotations);
  stderr.write(`${wrapTalk(renderError(report, stderr.style), stderr.columns())}\n`);
  if (context.env['SHEAF_DEBUG'] === '1' && error instanceof Error) stderr.write(`${debugText(error)}\n`);
  if (context.json) stdout.write(`${jsonWithoutCommands(errorDocument(report, exitCode))}\n`);
  return exitCode;
}

/** A program that reads half an answer must not take it for the whole. */
function answerLost(cause: Error): CliError {
  const { code } = cause as NodeJS.ErrnoException;
  const why = code === 'ENOSPC' ? 'the disk is full' : (cause.message.split('\n', 1)[0] ?? '');
  return new CliError('output.lost', `the answer could not be written to stdout: ${why}`, {
    hint: 'the work itself was done: make room, and run it again, which is safe',
    cause,
  });
}

/** What was thrown after a cancel is its consequence, unless it says more by itself. */
function cancelled(error: unknown): unknown {
  if (codeOf(error) === 'cancelled') return error;
  return new CliError('cancelled', 'cancelled before it was done', {
    hint: 'run it again: that is safe',
    cause: error,
  });
}

function debugText(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${debugText(error.cause)}` : '';
  return `${error.stack ?? error.message}${cause}`;
}

async function readStdin(maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of process.stdin) {
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size > maxBytes)
      throw new CliError('usage.stdin_too_large', `stdin holds more than ${maxBytes} bytes`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}
