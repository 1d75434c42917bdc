import type { Mount } from './mounts.js';
import { INFO_FD } from './sandbox-info.js';
import { FILTER_FD } from './terminal-filter.js';

/** A process in a sandbox. Paths are absolute. */
export interface Confined {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** In the order in which they are made. */
  readonly mounts: readonly Mount[];
  /** The network of the machine, whole; without it only its own loopback. */
  readonly network: boolean;
  /** Processes and threads, at most {@link MAX_TASKS}, which is the default. */
  readonly maxTasks?: number | undefined;
  /** It is said on {@link INFO_FD} which process is the first in the sandbox. */
  readonly isTold?: boolean;
  /**
   * It has the terminal of who started it: `filtered`, with a seccomp filter that bwrap reads from {@link FILTER_FD}; `apart`, in a session
   * of its own. Without it there is none.
   */
  readonly terminal?: 'filtered' | 'apart';
}

/** What is started outside, and what bwrap reads from a pipe: values of variables are not to be seen in the process table. */
export interface BwrapCommand {
  readonly file: string;
  readonly args: readonly string[];
  /** For descriptor 3: arguments, each followed by a NUL. */
  readonly input: Buffer;
}

/** Programs that start a sandbox. */
export interface BwrapTools {
  readonly bwrap: string;
  readonly sh: string;
  /** That of GNU, which can undo that a signal is ignored; without it a process is ended without being asked. */
  readonly env?: string;
}

/** Processes and threads of one sandbox. */
export const MAX_TASKS = 2_048;
/** One file, in blocks of 512 bytes: 16 GiB. */
const MAX_FILE_BLOCKS = 33_554_432;

/** TERM is for what runs inside: bwrap itself would end at once, and all in it with it. */
const OUTSIDE = 'trap "" TERM; exec "$@"';
/** Within the namespace, where the count is that of the sandbox alone. */
const limits = (tasks: number): string =>
  `ulimit -c 0; ulimit -f ${MAX_FILE_BLOCKS}; ulimit -u ${tasks} 2>/dev/null || ulimit -p ${tasks}; exec "$@"`;

/**
 * How bubblewrap is called. Nothing of the step's environment reaches a program outside: `LD_PRELOAD` there would be a way out. Namespaces
 * of processes, IPC, host name and, unless asked for, network are new; all capabilities are gone; it dies with the engine.
 */
export function bwrapCommand(tools: BwrapTools, confined: Confined): BwrapCommand {
  const asked = tools.env === undefined ? [] : [tools.env, '--default-signal=TERM'];
  const options = [
    ...['--unshare-user-try', '--unshare-ipc', '--unshare-pid', '--unshare-uts', '--unshare-cgroup-try'],
    ...(confined.network ? [] : ['--unshare-net']),
    '--die-with-parent',
    ...(confined.isTold === true ? ['--info-fd', String(INFO_FD)] : []),
    ...(confined.terminal === 'filtered' ? ['--seccomp', String(FILTER_FD)] : []),
    ...(confined.terminal === 'apart' ? ['--new-session'] : []),
    ...['--cap-drop', 'ALL'],
    ...['--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc'],
    ...confined.mounts.flatMap(mountOptions),
    // At the end: what lies deeper is mounted in them.
    ...confined.mounts.flatMap(({ path, as }) => (as === 'closed' ? ['--remount-ro', path] : [])),
    ...['--chdir', confined.cwd],
    ...Object.entries(confined.env).flatMap(([name, value]) => ['--setenv', name, value]),
  ];
  const wrapper = tools.env === undefined ? [] : [tools.sh, '-c', OUTSIDE, 'sh'];
  const command = [...wrapper, tools.bwrap, '--args', '3', '--'];
  const inside = [
    ...asked,
    tools.sh,
    '-c',
    limits(confined.maxTasks ?? MAX_TASKS),
    'sh',
    confined.file,
    ...confined.args,
  ];
  const [file = '', ...args] = [...command, ...inside];
  return { file, args, input: Buffer.from(options.map((option) => `${option}\0`).join('')) };
}

function mountOptions({ path, as }: Mount): readonly string[] {
  switch (as) {
    case 'read':
    case 'protect':
      return ['--ro-bind', path, path];
    case 'write':
      return ['--bind', path, path];
    case 'empty':
    case 'closed':
      return ['--tmpfs', path];
    case 'nothing':
      return ['--ro-bind', '/dev/null', path];
  }
}
