import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SheafServer } from '../registry/servers/sheaf.js';
import { outputOf, type Command } from './commands.js';

const SHEAF = fileURLToPath(new URL('../../packages/cli/bin/sheaf.js', import.meta.url));

/** Somebody with a home of their own who has published two workflows, and has run and fetched them once. */
export interface Person {
  readonly folder: string;
  /** A workflow with one step, `true`, in the cache and agreed to. */
  readonly small: string;
  /** A folder with `sheaf.toml` and `sheaf.lock`, which names that workflow `small`. */
  readonly project: string;
  /** A workflow with 1 MiB that does not compress. */
  readonly big: string;
  /** Hash of its archive, as it is before compression. */
  readonly bigSha256: string;
  readonly sheaf: (args: readonly string[], env?: Readonly<Record<string, string>>) => Command;
}

const BIG_BYTES = 1024 * 1024;

export async function createPerson(folder: string, registry: SheafServer): Promise<Person> {
  await mkdir(folder, { recursive: true });
  const sheaf: Person['sheaf'] = (args, env) => ({
    program: process.execPath,
    args: [SHEAF, ...args],
    cwd: folder,
    env: { HOME: folder, SHEAF_REGISTRY: registry.url, ...env },
  });
  const namespace = `bench-cli-${randomBytes(3).toString('hex')}`;
  const [small, big] = [`${namespace}/small`, `${namespace}/big`];
  outputOf(sheaf(['login', registry.url, '--with-token', '--yes']), `${registry.token}\n`);
  outputOf(sheaf(['key', 'generate', '--name', 'bench', '--no-passphrase']));
  outputOf(sheaf(['namespace', 'create', namespace]));
  await writeWorkflow(join(folder, 'small'), small);
  await writeWorkflow(join(folder, 'big'), big, randomBytes(BIG_BYTES));
  outputOf(sheaf(['publish', 'small', '--yes']));
  const [, bigSha256 = ''] = /sha256:([0-9a-f]{64})/.exec(outputOf(sheaf(['publish', 'big', '--yes']))) ?? [];
  outputOf(sheaf(['run', small, '--yes']));
  const project = join(folder, 'project');
  await mkdir(project);
  outputOf({ ...sheaf(['add', small, '--yes']), cwd: project });
  return { folder, small, project, big, bigSha256, sheaf };
}

async function writeWorkflow(folder: string, id: string, data?: Uint8Array): Promise<void> {
  await mkdir(folder);
  const definition = [
    `id = "${id}"`,
    'version = "1.0.0"',
    'description = "Runs true, and nothing else"',
    'license = "MIT"',
    ...(data === undefined ? [] : ['[bundle]', 'include = ["data.bin"]']),
    '[permissions]',
    'exec = ["true"]',
    '[steps.one]',
    'run = "true"',
  ];
  await writeFile(join(folder, 'workflow.toml'), `${definition.join('\n')}\n`);
  if (data !== undefined) await writeFile(join(folder, 'data.bin'), data);
}
