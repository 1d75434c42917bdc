import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseWitnessPolicy, type WitnessPolicy } from '@sheaf/bundle';
import {
  combinePolicies,
  parseTrustPolicy,
  readPolicyTable,
  type PolicyLayer,
  type PolicyLayers,
  type TrustPolicy,
} from '@sheaf/client';
import { readTomlDocument } from '@sheaf/workflow';
import { isCi } from '../frame/ci.js';
import type { Context } from '../frame/context.js';
import { CliError, codeOf } from '../frame/errors.js';
import { findProjectFile } from '../project/project-file.js';
import { printable } from '../terminal/escape.js';

/** Where the policies of the whole machine are. */
export const MACHINE_DIR = '/etc/sheaf';
const POLICY_NAME = 'trust.toml';
const WITNESS_NAME = 'witness.policy';
const MAX_BYTES = 1 << 20;
/** The bit that lets everybody write. */
const WORLD_WRITABLE = 0o002;

/** What is used of the outside world to find the files. */
export type PolicyFilesContext = Pick<Context, 'env' | 'paths' | 'cwd'>;

/** Everything that decides whom to trust, and where it is written. */
export interface LoadedPolicy {
  readonly policy: TrustPolicy;
  readonly layers: PolicyLayers;
  readonly witnesses?: WitnessPolicy;
}

/** Where the user's own policy is; it need not exist. @throws CliError `config.home_missing` */
export function userPolicyPath({ env, paths }: Pick<Context, 'env' | 'paths'>): string {
  const variable = env['SHEAF_TRUST_POLICY'];
  return variable !== undefined && variable !== '' ? variable : join(paths.config(), POLICY_NAME);
}

/**
 * Reads the policies of machine, user and project, and the witness policy of user or machine.
 *
 * @throws ClientError `policy.invalid`; BundleError `witness.policy_invalid`; CliError `policy.writable`,
 *   `project.unsafe`, `file.not_found` for a file that SHEAF_TRUST_POLICY names and that is not there
 */
export async function loadPolicy(context: PolicyFilesContext): Promise<LoadedPolicy> {
  const userPath = tryUserPath(context);
  const [machine, user, project] = await Promise.all([
    readLayer(join(MACHINE_DIR, POLICY_NAME)),
    userPath === undefined ? undefined : readLayer(userPath),
    findProjectPolicy(context),
  ]);
  const variable = context.env['SHEAF_TRUST_POLICY'];
  if (user === undefined && variable !== undefined && variable !== '') {
    throw new CliError(
      'file.not_found',
      `${variable}: there is no such file, and SHEAF_TRUST_POLICY names it`,
      {
        hint: 'correct the variable, or unset it',
      },
    );
  }
  const witnesses =
    (userPath === undefined ? undefined : await readWitnesses(join(dirname(userPath), WITNESS_NAME))) ??
    (await readWitnesses(join(MACHINE_DIR, WITNESS_NAME)));
  const layers = { machine, user, project };
  return {
    layers,
    policy: combinePolicies(layers, { ci: isCi(context) }),
    ...(witnesses === undefined ? {} : { witnesses }),
  };
}

/** Reading policy needs no home: without one there is none of the user's. */
function tryUserPath(context: PolicyFilesContext): string | undefined {
  try {
    return userPolicyPath(context);
  } catch (error) {
    if (codeOf(error) === 'config.home_missing') return undefined;
    throw error;
  }
}

async function readLayer(path: string): Promise<PolicyLayer | undefined> {
  const text = await readTrusted(path);
  return text === undefined ? undefined : parseTrustPolicy(text, path);
}

async function readWitnesses(path: string): Promise<WitnessPolicy | undefined> {
  const text = await readTrusted(path);
  return text === undefined ? undefined : parseWitnessPolicy(text, printable(path));
}

/** `[policy]` of the project that the working directory lies in. It may only tighten. */
async function findProjectPolicy({ cwd, env }: PolicyFilesContext): Promise<PolicyLayer | undefined> {
  const path = await findProjectFile(cwd, { home: env['HOME'], uid: process.getuid?.() });
  const found = path === undefined ? undefined : await readBounded(path);
  return path === undefined || found === undefined ? undefined : readProjectPolicy(found.text, path);
}

function readProjectPolicy(text: string, path: string): PolicyLayer | undefined {
  const read = readTomlDocument(text);
  if ('problem' in read) {
    const { line, column, message, hint } = read.problem;
    throw new CliError('policy.invalid', `${printable(path)}:${line}:${column}: ${message}`, { hint });
  }
  return read.document.value['policy'] === undefined ? undefined : readPolicyTable(read.document, path);
}

/** A file that grants trust; one that everybody may write grants none. */
export async function readTrusted(path: string): Promise<string | undefined> {
  const found = await readBounded(path);
  if (found === undefined) return undefined;
  if ((found.mode & WORLD_WRITABLE) !== 0 && process.platform !== 'win32') {
    throw new CliError(
      'policy.writable',
      `${path} can be written by everybody, so it says nothing of trust`,
      {
        hint: `check what it says, then chmod o-w ${path}`,
      },
    );
  }
  return found.text;
}

async function readBounded(
  path: string,
): Promise<{ readonly text: string; readonly mode: number } | undefined> {
  let file;
  try {
    // What is no file, as a pipe that nobody writes to, must not make anybody wait.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
  try {
    const info = await file.stat();
    if (!info.isFile()) return undefined;
    if (info.size > MAX_BYTES) {
      throw new CliError('file.too_large', `${path} has ${info.size} bytes, more than ${MAX_BYTES}`, {
        hint: 'move it away',
      });
    }
    return { text: await file.readFile('utf8'), mode: info.mode };
  } finally {
    await file.close();
  }
}
