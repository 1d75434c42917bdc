import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Permissions } from '@sheaf/workflow';
import { writePrivateFile } from '../config/private-files.js';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import { comparePermissions, listPermissions, PERMISSION_KINDS } from '../output/permissions.js';
import type { Choices } from '../terminal/choices.js';
import { shortId } from '../terminal/text.js';

/** What somebody is asked to agree to: this workflow, by these signers, with these permissions. */
export interface ConsentSubject {
  /** The registry, as `registryIdOf` names it. */
  readonly registry: string;
  readonly id: string;
  readonly version: string;
  readonly signers: readonly string[];
  readonly permissions: Permissions;
}

interface StoredConsent {
  readonly signers: readonly string[];
  readonly permissions: Permissions;
  readonly agreedAt: string;
}

/**
 * Shows what a workflow declares and asks, when this user has not agreed to exactly that before. An agreement is stored
 * under workflow, signer and the hash of the set that was shown.
 *
 * Whether its signers may be trusted was decided before, by the trust policy.
 *
 * @param showPlan prints what would run, for the answer `d`
 * @throws CliError `permissions.not_approved`, `approval.refused`
 */
export async function ensureConsent(
  context: Context,
  subject: ConsentSubject,
  options: {
    readonly yes: boolean;
    readonly reference: string;
    readonly showPlan: () => string;
  },
): Promise<void> {
  const dir = join(context.paths.state(), 'consents', hash([subject.registry, subject.id]));
  const name = `${hash([sorted(subject.signers), canonical(subject.permissions)])}.json`;
  const earlier = await readConsents(dir);
  if (earlier.has(name)) return;
  const last = [...earlier.values()].sort((a, b) => (a.agreedAt < b.agreedAt ? 1 : -1))[0];
  const lines = describe(subject, last);
  if (!options.yes && !context.ui.canAsk) {
    throw new CliError(
      'permissions.not_approved',
      `nobody here has agreed to what ${subject.id} ${subject.version} may do`,
      {
        evidence: lines.slice(1).map((line) => line.trim()),
        hint: [
          `look at it: sheaf plan ${options.reference}`,
          'agree: run it again with --yes, or in a terminal',
        ],
        data: { permissions: subject.permissions },
      },
    );
  }
  for (const line of lines) context.ui.say(line);
  if (options.yes) context.ui.say('agreed to by --yes: what is listed here');
  else await ask(context, options.showPlan);
  const consent: StoredConsent = {
    signers: subject.signers,
    permissions: subject.permissions,
    agreedAt: new Date(context.now()).toISOString(),
  };
  await writePrivateFile(
    join(dir, name),
    `${JSON.stringify({ schema: 'sheaf.consent/1', id: subject.id, ...consent })}\n`,
  );
}

function describe(subject: ConsentSubject, last: StoredConsent | undefined): readonly string[] {
  const signers = subject.signers.map((id) => shortId(id)).join(', ');
  const set = listPermissions(subject.permissions);
  const shown = set.length === 0 ? 'declares no permissions' : set.join('   ');
  const honest = 'declared by its author and not yet enforced: its steps can do whatever you can';
  if (last === undefined)
    return [
      `${subject.id} ${subject.version} by ${signers}, verified, asks for the first time here:`,
      `  ${shown}`,
      honest,
    ];
  const sameSigners = sameIds(last.signers, subject.signers);
  const changes = comparePermissions(last.permissions, subject.permissions);
  return [
    `${subject.id} ${subject.version} by ${signers}, verified, ${sameSigners ? 'same signer, changed' : 'ANOTHER SIGNER than you agreed to before'}:`,
    `  ${changes.length === 0 ? `= as before: ${shown}` : changes.join('   ')}`,
    honest,
  ];
}

const CHOICES: Choices<'y' | 'n' | 'd'> = { keys: { y: 'yes', n: 'no', d: 'plan' }, default: 'n' };

async function ask(context: Context, showPlan: () => string): Promise<void> {
  for (;;) {
    const answer = await context.ui.choose('Run it?', CHOICES);
    if (answer === 'y') return;
    if (answer !== 'd')
      throw new CliError('approval.refused', 'not agreed; nothing was run', {
        hint: 'sheaf plan shows what would run',
      });
    context.ui.say(showPlan());
  }
}

async function readConsents(dir: string): Promise<ReadonlyMap<string, StoredConsent>> {
  const found = new Map<string, StoredConsent>();
  let names: readonly string[];
  try {
    names = await readdir(dir);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return found;
    throw error;
  }
  for (const name of names.filter((each) => /^[0-9a-f]{32}\.json$/.test(each))) {
    const consent = parseConsent(await readFile(join(dir, name), 'utf8'));
    if (consent !== undefined) found.set(name, consent);
  }
  return found;
}

/** Undefined for a damaged file, which is then no agreement. */
function parseConsent(text: string): StoredConsent | undefined {
  try {
    const value = JSON.parse(text) as StoredConsent;
    const isList = (list: unknown): boolean =>
      Array.isArray(list) && list.every((each) => typeof each === 'string');
    const whole =
      isList(value.signers) &&
      typeof value.agreedAt === 'string' &&
      PERMISSION_KINDS.every((kind) => isList(value.permissions[kind]));
    return whole ? value : undefined;
  } catch {
    return undefined;
  }
}

function canonical(permissions: Permissions): readonly (readonly string[])[] {
  return PERMISSION_KINDS.map((kind) => [...permissions[kind]].sort());
}

function sorted(ids: readonly string[]): readonly string[] {
  return [...ids].sort();
}

function sameIds(one: readonly string[], other: readonly string[]): boolean {
  return sorted(one).join() === sorted(other).join();
}

function hash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 32);
}
