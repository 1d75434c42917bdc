import type { WorkflowDefinition } from '../model.js';
import { MAX_FINDINGS, type Finding, type RelatedFinding } from '../source/tree.js';
import { printable, tick } from '../text.js';
import { listScripts, type Script } from '../walk.js';

/**
 * Programs that are told when a script starts them and `exec` does not name them: what is no part of a shell and reaches far.
 * A longer list would cry wolf over functions and aliases of the same name.
 */
const PROGRAMS = new Set(
  (
    'aws az cargo curl deno docker gcloud gem gh git glab go gradle helm java jq kubectl make mvn node npm npx perl php pip pip3 ' +
    'pnpm podman psql python python3 rsync ruby scp sftp ssh tar terraform wget yarn yq zip'
  ).split(' '),
);

/** Programs whose arguments are addresses that they open. */
const REACHING = new Set(['curl', 'wget']);
const ADDRESS = /\bhttps?:\/\/([a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)(?=[:/\s"'?#]|$)/gi;
const LOOPBACK = new Set(['localhost', '127.0.0.1']);

/**
 * Warns of what a script plainly needs and the workflow does not ask for: nobody would see it before the first run under a sandbox
 * fails. What is guessed from the text of a script is told only where the workflow asks for anything at all.
 */
export function checkPermissions(definition: WorkflowDefinition): readonly Finding[] {
  const { permissions } = definition;
  const isSilent = Object.values(permissions).every((list: readonly string[]) => list.length === 0);
  const exec = new Set(permissions.exec);
  const hosts = new Set(permissions.network.map((host) => host.replace(/:\d+$/, '').toLowerCase()));
  const told = new Set<string>();
  const findings: Finding[] = [];
  const tell = (finding: Finding): void => {
    const key = `${finding.code} ${finding.message}`;
    if (!told.has(key) && findings.length < MAX_FINDINGS) findings.push(finding);
    told.add(key);
  };
  for (const script of listScripts(definition)) {
    const { interpreter } = script;
    if (interpreter !== undefined) {
      if (!exec.has(interpreter) && !exec.has(baseOf(interpreter)))
        tell(missingInterpreter(script, interpreter));
      continue;
    }
    if (isSilent) continue;
    for (const { name, start } of listCommands(script.run)) {
      if (!PROGRAMS.has(name)) continue;
      if (!exec.has(name)) tell(missingProgram(script, name, start));
      if (REACHING.has(name)) missingHosts(script, start, hosts).forEach(tell);
    }
  }
  return findings;
}

/** The name of a program that may be given with its folder. */
function baseOf(program: string): string {
  return program.slice(program.lastIndexOf('/') + 1);
}

function missingInterpreter({ owner, path }: Script, interpreter: string): Finding {
  const name = baseOf(interpreter);
  return {
    severity: 'warning',
    code: 'permission.exec_missing',
    message: `${owner} starts ${tick(name)}, which the workflow does not ask for`,
    label: 'not in exec',
    hint: `add "${printable(name)}" to exec under [permissions]`,
    path: [...path.slice(0, -1), 'shell', 0],
    related: [AT_EXEC],
  };
}

const AT_EXEC: RelatedFinding = { path: ['permissions', 'exec'], at: 'key', label: 'what it asks for' };
const AT_NETWORK: RelatedFinding = { path: ['permissions', 'network'], at: 'key', label: 'what it asks for' };

function missingProgram({ owner, path }: Script, name: string, start: number): Finding {
  return {
    severity: 'warning',
    code: 'permission.exec_missing',
    message: `${owner} starts ${tick(name)}, which the workflow does not ask for`,
    label: 'not in exec',
    hint: `add "${name}" to exec under [permissions]`,
    path,
    within: { start, end: start + name.length },
    related: [AT_EXEC],
  };
}

/** The addresses up to the end of the command line. */
function missingHosts(
  { run, owner, path }: Script,
  start: number,
  hosts: ReadonlySet<string>,
): readonly Finding[] {
  const end = run.slice(start).search(/(?<!\\)\n|[;|&]/);
  const line = run.slice(start, end === -1 ? undefined : start + end);
  return [...line.matchAll(ADDRESS)].flatMap((match): readonly Finding[] => {
    const host = (match[1] ?? '').toLowerCase();
    if (hosts.has(host) || hosts.has('*') || LOOPBACK.has(host)) return [];
    const at = start + match.index + match[0].length - host.length;
    return [
      {
        severity: 'warning',
        code: 'permission.network_missing',
        message: `${owner} reaches ${tick(host)}, which the workflow does not ask for`,
        label: 'not in network',
        hint: `add "${host}" to network under [permissions]`,
        path,
        within: { start: at, end: at + host.length },
        related: [AT_NETWORK],
      },
    ];
  });
}

/** Words of the shell after which a command begins. */
const BEFORE_COMMAND = new Set([
  'if',
  'then',
  'else',
  'elif',
  'do',
  'while',
  'until',
  '!',
  '{',
  'exec',
  'time',
]);
const WORD = /[^\s;&|()<>"'`$\\]/;

interface Command {
  readonly name: string;
  readonly start: number;
}

/**
 * The words at which a script plainly starts a command: outside quotes and comments, at the beginning of a line, or after what
 * separates commands. A script with a here-document is not looked at, since its text would be read as commands.
 */
export function listCommands(script: string): readonly Command[] {
  if (script.includes('<<')) return [];
  const commands: Command[] = [];
  let isFirst = true;
  for (let at = 0; at < script.length; at++) {
    const c = script[at] ?? '';
    if (c === '\n' || ';&|('.includes(c)) isFirst = true;
    else if (c === ' ' || c === '\t' || c === ')') continue;
    else if (c === '\\') {
      // A line that goes on is no new command.
      at++;
    } else if (c === '#' && /^$|[\s;&|(]/.test(script[at - 1] ?? '')) {
      at = endOf(script, '\n', at) - 1;
    } else if (c === "'") {
      at = endOf(script, c, at + 1);
      isFirst = false;
    } else if (c === '"') {
      at = endOfDouble(script, at + 1);
      isFirst = false;
    } else if (WORD.test(c)) {
      let end = at + 1;
      while (end < script.length && WORD.test(script[end] ?? '')) end++;
      const name = script.slice(at, end);
      const isAssignment = /^[A-Za-z_][A-Za-z0-9_]*=/.test(name);
      if (isFirst && !isAssignment && !BEFORE_COMMAND.has(name)) {
        commands.push({ name, start: at });
        isFirst = false;
      }
      at = end - 1;
      if (isFirst && isAssignment) at = skipValue(script, end) - 1;
    } else if (!'$`'.includes(c)) isFirst = false;
  }
  return commands;
}

/** The end of the value of an assignment before a command, which may be in quotes. */
function skipValue(script: string, at: number): number {
  const c = script[at];
  if (c === "'") return endOf(script, c, at + 1) + 1;
  return c === '"' ? endOfDouble(script, at + 1) + 1 : at;
}

function endOf(script: string, what: string, from: number): number {
  const at = script.indexOf(what, from);
  return at === -1 ? script.length : at;
}

function endOfDouble(script: string, from: number): number {
  let at = from;
  while (at < script.length && script[at] !== '"') at += script[at] === '\\' ? 2 : 1;
  return at;
}
