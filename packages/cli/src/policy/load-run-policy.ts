import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openRunPolicy, type RunLimits, type RunPolicy } from '@sheaf/client';
import { CliError } from '../frame/errors.js';
import type { Context } from '../frame/context.js';
import { loadPolicy, MACHINE_DIR, readTrusted, userPolicyPath } from '../registry/policy-files.js';
import { shellWord } from '../terminal/shell.js';
import { assertNotOlder } from './seen-versions.js';

/** What is used of the outside world. */
export type RunPolicyContext = Pick<Context, 'env' | 'paths' | 'cwd' | 'now'>;

/** All that runs here are held to, beside what a workflow declares. */
export interface LoadedRunPolicy {
  readonly signed: readonly (RunPolicy & { readonly layer: 'machine' | 'user' })[];
  /** That of the repository, which nobody has signed: it can only take away. */
  readonly project?: RunLimits | undefined;
  /** Of all of them. */
  readonly limits: readonly RunLimits[];
}

/** The signed policy, and what it is signed from; both in the folder of `trust.toml`. */
const SIGNED = 'policy.json';
const SOURCE = 'policy.toml';

/**
 * Reads the policies for runs of machine, user and project. What is there and cannot be believed is refused, and never passed over.
 *
 * @throws ClientError `policy.…`; CliError `policy.writable`, `policy.rolled_back`; as `loadPolicy`
 */
export async function loadRunPolicy(context: RunPolicyContext): Promise<LoadedRunPolicy> {
  const { layers } = await loadPolicy(context);
  const userDir = findUserDir(context);
  const machineKeys = layers.machine?.policyKeys ?? [];
  const userKeys = [...machineKeys, ...(layers.user?.policyKeys ?? [])];
  const signed = [
    ...(await openIn(context, MACHINE_DIR, { layer: 'machine', keys: machineKeys })),
    ...(userDir === undefined ? [] : await openIn(context, userDir, { layer: 'user', keys: userKeys })),
  ];
  const project = layers.project?.run;
  const limits = [...signed.map((policy) => policy.limits), ...(project === undefined ? [] : [project])];
  return { signed, project, limits };
}

/** Where the user's own is; there is none without a home. */
function findUserDir(context: RunPolicyContext): string | undefined {
  try {
    return dirname(userPolicyPath(context));
  } catch {
    return undefined;
  }
}

async function openIn(
  context: RunPolicyContext,
  folder: string,
  { layer, keys }: Pick<Parameters<typeof openRunPolicy>[1], 'keys'> & { readonly layer: 'machine' | 'user' },
): Promise<LoadedRunPolicy['signed']> {
  const file = join(folder, SIGNED);
  const text = await readTrusted(file);
  if (text === undefined) {
    const source = join(folder, SOURCE);
    if (!existsSync(source)) return [];
    throw new CliError('policy.unsigned', `${source} is not signed, and there is no ${SIGNED} beside it`, {
      hint: `sheaf policy sign ${shellWord(source)}`,
    });
  }
  const policy = openRunPolicy(text, { file, keys, nowMs: context.now() });
  await assertNotOlder(context, layer, policy);
  return [{ ...policy, layer }];
}
