import { createHash } from 'node:crypto';
import { readlinkSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { readProc } from '../processes/proc-file.js';
import type { BwrapTools } from './bwrap-arguments.js';

/**
 * That a sandbox could be made, so that it is not tried again before each run. It saves the trial alone: whoever alters it
 * makes steps fail, and never run without a sandbox.
 */
export interface SandboxMemory {
  /** Whether these tools have made one under the circumstances of this process. */
  has(tools: BwrapTools): boolean;
  keep(tools: BwrapTools): void;
  forget(): void;
}

/** What decides whether a process may make namespaces, as far as the kernel says it; what is not there is left out. */
const RULES = [
  '/proc/sys/kernel/random/boot_id',
  '/proc/sys/user/max_user_namespaces',
  '/proc/sys/kernel/unprivileged_userns_clone',
  '/proc/sys/kernel/apparmor_restrict_unprivileged_userns',
  '/proc/self/attr/current',
];
const NAMESPACES = ['/proc/self/ns/user', '/proc/self/ns/mnt'];
const RIGHTS = /^(?:Uid|Gid|Cap\w+|NoNewPrivs|Seccomp\w*):.*$/gm;

/** Kept in one file of the engine's own folder, as one hash. */
export function sandboxMemory(file: string): SandboxMemory {
  return {
    has: (tools) => readProc(file) === circumstances(tools),
    keep: (tools) => {
      try {
        writeFileSync(file, circumstances(tools), { mode: 0o600 });
      } catch {
        // It is tried again the next time.
      }
    },
    forget: () => {
      try {
        unlinkSync(file);
      } catch {
        // It was not there.
      }
    },
  };
}

function circumstances(tools: BwrapTools): string {
  const program = statSync(tools.bwrap, { throwIfNoEntry: false });
  const facts = [
    [tools.bwrap, tools.sh, tools.env],
    program && [program.dev, program.ino, program.size, program.mode, program.uid, program.ctimeMs],
    RULES.map(readProc),
    NAMESPACES.map(linkOf),
    readProc('/proc/self/status')?.match(RIGHTS),
  ];
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex');
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
