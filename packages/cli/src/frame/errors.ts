import type { Remedy } from '@sheaf/client';
import type { Diagnostic } from '@sheaf/workflow';
import { hintOf } from './remedy.js';

/** What an error may carry beside its code and message. */
export interface CliErrorDetails {
  /** What to do next: one line or several, each with a command to paste where there is one. */
  readonly hint?: string | readonly string[] | undefined;
  /** What was found: yours and theirs, expected and got. One line each. */
  readonly evidence?: readonly string[] | undefined;
  readonly diagnostics?: readonly Diagnostic[] | undefined;
  /** Texts that the diagnostics point into, by file. */
  readonly sources?: ReadonlyMap<string, string> | undefined;
  /** Members for the JSON document of the error. */
  readonly data?: Readonly<Record<string, unknown>> | undefined;
  readonly cause?: unknown;
  /** It is a failed check of something fetched. */
  readonly verifying?: boolean;
}

/** The error of the command line: a stable dotted code, one line, and what to do. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly code: string;
  readonly hint: readonly string[];
  readonly evidence: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
  readonly sources: ReadonlyMap<string, string>;
  readonly data: Readonly<Record<string, unknown>>;
  readonly verifying: boolean;

  constructor(code: string, message: string, details: CliErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.code = code;
    this.hint = asLines(details.hint);
    this.evidence = details.evidence ?? [];
    this.diagnostics = details.diagnostics ?? [];
    this.sources = details.sources ?? new Map();
    this.data = details.data ?? {};
    this.verifying = details.verifying ?? false;
  }
}

/** An error of any package, as the command line shows it. */
export interface ErrorReport {
  readonly code: string;
  readonly message: string;
  readonly help: readonly string[];
  readonly evidence: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
  readonly sources: ReadonlyMap<string, string>;
  readonly data: Readonly<Record<string, unknown>>;
  /** A check of something fetched failed. */
  readonly verifying: boolean;
  /** The status of the registry's answer, when the error is one. */
  readonly status: number | undefined;
}

/** The code of an error of ours, of whichever package. Codes of the system (`ENOENT`) are not ours. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  const { code } = error;
  return typeof code === 'string' && (code === 'cancelled' || /^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$/.test(code))
    ? code
    : undefined;
}

/** Describes any thrown value. What no package of ours has named becomes `internal.error`, or `file.…` for the file system. */
export function describeError(error: unknown): ErrorReport {
  const code = codeOf(error);
  if (error instanceof Error && code !== undefined) return describeOwn(error, code);
  return describeFileError(error) ?? describeUnknown(error);
}

/** What errors of the packages carry, as far as the command line looks at it. */
interface OwnError {
  readonly hint?: string | readonly string[] | undefined;
  readonly remedy?: Remedy | undefined;
  readonly evidence?: readonly string[];
  readonly diagnostics?: readonly Diagnostic[];
  readonly sources?: ReadonlyMap<string, string>;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly verification?: object | undefined;
  readonly verifying?: boolean;
  readonly problem?: WireProblem | undefined;
}

/** The parts of the registry's problem document that are shown. */
interface WireProblem {
  readonly status: number;
  readonly requestId: string;
  readonly errors?: readonly {
    readonly code: string;
    readonly detail: string;
    readonly pointer?: string;
    readonly hint?: string;
    readonly file?: string;
    readonly line?: number;
    readonly column?: number;
  }[];
}

function describeOwn(error: Error, code: string): ErrorReport {
  const own = error as Error & OwnError;
  const listed = describeProblem(own.problem, error.message);
  const hint = typeof own.hint === 'string' ? hintOf({ hint: own.hint, remedy: own.remedy }) : own.hint;
  return {
    code,
    message: error.message,
    help: own.problem === undefined ? asLines(hint) : helpFor(code, hint, listed),
    evidence: [...(own.evidence ?? []), ...listed],
    diagnostics: own.diagnostics ?? [],
    sources: own.sources ?? new Map(),
    data: { ...(own.problem === undefined ? {} : { problem: own.problem }), ...own.data },
    verifying: own.verifying ?? own.verification !== undefined,
    status: own.problem?.status,
  };
}

/** Whether the message is what was left of a detail that is too long for a line. */
function isCutTo(message: string, detail: string): boolean {
  return message.endsWith('…') && detail.length > message.length && detail.startsWith(message.slice(0, -1));
}

/** The remedy of the registry's table speaks of its document, of which the command line shows the errors alone. */
function helpFor(
  code: string,
  hint: string | readonly string[] | undefined,
  listed: readonly string[],
): readonly string[] {
  if (code !== 'request.invalid') return asLines(hint).map(asHelp);
  const what = listed.length > 0 ? 'what is listed above' : 'what it says';
  return [`change ${what} and run the command again: its --help tells what each flag takes`];
}

/** What the registry lists beside the message, which repeats a single problem. */
function describeProblem(problem: WireProblem | undefined, message: string): readonly string[] {
  if (problem === undefined) return [];
  const lines = (problem.errors ?? [])
    .filter(({ detail }) => detail !== message && !isCutTo(message, detail))
    .slice(0, 20)
    .map(({ code, detail, file, line, column, pointer }) => {
      const place =
        file === undefined ? pointer : [file, line, column].filter((part) => part !== undefined).join(':');
      return [place, code, detail].filter((part) => part !== undefined && part !== '').join(' ');
    });
  return problem.status >= 500 ? [...lines, `request ${problem.requestId}`] : lines;
}

/** A registry writes sentences; help here is lower case without a full stop. */
function asHelp(sentence: string): string {
  return sentence.replace(/^[A-Z](?=[a-z])/, (first) => first.toLowerCase()).replace(/\.$/, '');
}

const FILE_ERRORS: Readonly<Record<string, readonly [code: string, what: string, hint: string]>> = {
  ENOENT: ['file.not_found', 'there is no such file or folder', 'check the path'],
  EACCES: ['file.denied', 'access is denied', 'check who owns it, and its mode'],
  EPERM: ['file.denied', 'the operation is not permitted', 'check who owns it, and its mode'],
  EROFS: [
    'file.read_only',
    'the file system is read-only',
    'set the XDG directories to a place that can be written',
  ],
  ENOSPC: ['file.disk_full', 'the disk is full', 'make room and run the command again'],
  EISDIR: ['file.is_folder', 'this is a folder, not a file', 'name a file'],
  ENOTDIR: ['file.not_folder', 'a part of the path is not a folder', 'check the path'],
  EEXIST: ['file.exists', 'the file exists already', 'move it away or choose another name'],
};

const NOTHING_MORE = {
  evidence: [],
  diagnostics: [],
  sources: new Map<string, string>(),
  data: {},
  verifying: false,
  status: undefined,
};

function describeFileError(error: unknown): ErrorReport | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, path } = error as NodeJS.ErrnoException;
  const known = code === undefined || !Object.hasOwn(FILE_ERRORS, code) ? undefined : FILE_ERRORS[code];
  if (known === undefined || path === undefined) return undefined;
  return { code: known[0], message: `${path}: ${known[1]}`, help: [known[2]], ...NOTHING_MORE };
}

function describeUnknown(error: unknown): ErrorReport {
  const [message = ''] = (error instanceof Error ? error.message : String(error)).split('\n', 1);
  return {
    code: 'internal.error',
    message: message === '' ? 'something unexpected happened' : message,
    help: ['this is a defect of sheaf: run it again with SHEAF_DEBUG=1 and report what it prints'],
    ...NOTHING_MORE,
  };
}

function asLines(hint: string | readonly string[] | undefined): readonly string[] {
  if (hint === undefined) return [];
  return typeof hint === 'string' ? [hint] : hint;
}
