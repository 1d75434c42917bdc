import { execFile } from 'node:child_process';
import type { Check, Finding } from './check.js';

/** A program of the machine that sheaf can use. */
interface Tool {
  readonly name: string;
  readonly command: string;
  /** The package that has it, in Debian and in Homebrew. */
  readonly packages: { readonly apt: string; readonly brew?: string };
  readonly missing: { readonly status: 'warn' | 'skip'; readonly detail: string };
}

const TOOLS: readonly Tool[] = [
  {
    name: 'git',
    command: 'git',
    packages: { apt: 'git', brew: 'git' },
    missing: { status: 'warn', detail: 'not found, so what is published names no commit' },
  },
  {
    name: 'sandbox',
    command: 'bwrap',
    packages: { apt: 'bubblewrap' },
    missing: { status: 'warn', detail: 'no bwrap, so what was fetched runs only with --profile permissive' },
  },
  {
    name: 'containers',
    command: 'podman',
    packages: { apt: 'podman', brew: 'podman' },
    missing: { status: 'skip', detail: 'no podman, so no step can run in a container' },
  },
];

/** What is used of the outside world. */
export interface ToolDeps {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: string;
  /** The first line that a program prints about its version; undefined when there is no such program. */
  readonly versionOf: (command: string, signal: AbortSignal) => Promise<string | undefined>;
}

/** Whether git, bwrap and podman are there, and which. */
export function toolChecks(deps: ToolDeps): readonly Check[] {
  return TOOLS.map((tool) => ({ name: tool.name, run: (signal) => checkTool(deps, tool, signal) }));
}

async function checkTool(
  { platform, versionOf }: ToolDeps,
  tool: Tool,
  signal: AbortSignal,
): Promise<Finding> {
  const { name, command, packages, missing } = tool;
  const line = await versionOf(command, signal);
  if (line !== undefined) {
    const version = /\d+(?:\.\d+)+/.exec(line)?.[0];
    return { check: name, status: 'ok', detail: version === undefined ? command : `${command} ${version}` };
  }
  if (platform === 'darwin' && packages.brew === undefined)
    return { check: name, status: 'skip', detail: `${command} is for Linux alone` };
  return { check: name, ...missing, remedy: installLine(platform, packages) };
}

function installLine(platform: string, { apt, brew }: Tool['packages']): string {
  if (platform === 'darwin') return `brew install ${brew ?? apt}`;
  return platform === 'linux' ? `apt-get install ${apt}` : `install ${apt}`;
}

const MAX_OUTPUT = 64 * 1024;

/** {@link ToolDeps.versionOf} of this machine. */
export function askVersion(
  command: string,
  signal: AbortSignal,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    execFile(
      command,
      ['--version'],
      { signal, env: { ...env }, maxBuffer: MAX_OUTPUT, windowsHide: true },
      (error, stdout) => {
        if (error === null) resolve(stdout.split('\n', 1)[0]);
        else if (error.code === 'ENOENT' || (error.code as unknown) === 'EACCES') resolve(undefined);
        else reject(new Error(`${command} --version fails: ${error.message.split('\n', 1)[0] ?? ''}`));
      },
    );
  });
}
