import { createHash } from 'node:crypto';
import { join } from 'node:path';
import {
  compareDefinitions,
  type ComparedPermission,
  type ComparedWorkflow,
  type WorkflowChanges,
} from '@sheaf/client';
import type { Decision, Profile } from '@sheaf/engine';
import { PERMISSION_KINDS, type Permissions } from '@sheaf/workflow';
import { writePrivateFile } from '../config/private-files.js';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import { renderPermission } from '../output/changes.js';
import { listPermissions } from '../output/permissions.js';
import type { Choices } from '../terminal/choices.js';
import { shellWord } from '../terminal/shell.js';
import { shortId } from '../terminal/text.js';
import { readConsents, type StoredConsent } from './kept-consents.js';

/** What somebody is asked to agree to: this workflow, by these signers, with these permissions. */
export interface ConsentSubject {
  /** The registry, as `registryIdOf` names it. */
  readonly registry: string;
  readonly id: string;
  readonly version: string;
  readonly signers: readonly string[];
  readonly permissions: Permissions;
  /** Where its steps are written, to say which of them needs what. */
  readonly bundle: ComparedWorkflow;
}

/** A question whose text is longer than this hides more than it tells, and gets no answer. */
const MAX_QUESTION = 4000;

/** Whether these lines are more than anybody reads before a yes. */
export function isTooMuchToAsk(lines: readonly string[]): boolean {
  return lines.join('\n').length > MAX_QUESTION;
}

/**
 * Shows what a workflow declares and asks, when this user has not agreed to exactly that before. An agreement is stored
 * under workflow, signer and the hash of the set that was shown; who agreed to more is told, and not asked again.
 *
 * Whether its signers may be trusted was decided before, by the trust policy.
 *
 * @param showPlan prints what would run, for the answer `d`
 * @returns what was agreed to, for the journal
 * @throws CliError `permissions.not_approved`, `approval.refused`
 */
export async function ensureConsent(
  context: Context,
  subject: ConsentSubject,
  options: {
    readonly yes: boolean;
    readonly reference: string;
    /** What holds its steps to what is shown. */
    readonly profile: Profile;
    readonly showPlan: () => string;
  },
): Promise<Decision> {
  const { dir, name } = placeOf(context, subject);
  const earlier = await readConsents(dir);
  const kept = earlier.get(name);
  if (kept !== undefined) return agreedTo(subject, 'consent', `agreed to ${kept.agreedAt}`, name);
  const newest = [...earlier.values()].sort((a, b) => (a.agreedAt < b.agreedAt ? 1 : -1));
  const wider = newest.find((each) => covers(each, subject));
  if (wider !== undefined) {
    const less = compare(subject, wider).removed.map(renderRemoved).join('   ');
    context.ui.say(`${subject.id} ${subject.version} asks for less than you agreed to: ${less}`);
  } else await agree(context, subject, newest[0], options);
  await keep(context, subject);
  if (wider !== undefined) return agreedTo(subject, 'consent', `more agreed to ${wider.agreedAt}`, name);
  return options.yes
    ? agreedTo(subject, 'flag', '--yes', name)
    : agreedTo(subject, 'asked', 'agreed now', name);
}

/** What the journal says of an agreement, with the name that it is kept under. */
function agreedTo(
  { permissions }: Pick<ConsentSubject, 'permissions'>,
  by: Decision['by'],
  how: string,
  name: string,
): Decision {
  const asked = listPermissions(permissions);
  const value = asked.length === 0 ? 'nothing that is declared' : asked.join(' · ');
  return {
    subject: 'permissions',
    result: 'allowed',
    value,
    by,
    why: `${how}, kept as ${name.replace('.json', '')}`,
  };
}

/**
 * Keeps what somebody agreed to when it was shown beside what they had agreed to before, as an upgrade does. Who never
 * agreed to that is asked about all of it when it runs.
 */
export async function extendConsent(
  context: Context,
  before: Omit<ConsentSubject, 'bundle'>,
  after: Omit<ConsentSubject, 'bundle'>,
): Promise<void> {
  const { dir, name } = placeOf(context, before);
  if ((await readConsents(dir)).has(name)) await keep(context, after);
}

function placeOf(
  { paths }: Pick<Context, 'paths'>,
  { registry, id, signers, permissions }: Omit<ConsentSubject, 'bundle'>,
): { readonly dir: string; readonly name: string } {
  return {
    dir: join(paths.state(), 'consents', hash([registry, id])),
    name: `${hash([sorted(signers), canonical(permissions)])}.json`,
  };
}

async function keep(context: Context, subject: Omit<ConsentSubject, 'bundle'>): Promise<void> {
  const { dir, name } = placeOf(context, subject);
  const consent: StoredConsent = {
    version: subject.version,
    signers: subject.signers,
    permissions: subject.permissions,
    agreedAt: new Date(context.now()).toISOString(),
  };
  await writePrivateFile(
    join(dir, name),
    `${JSON.stringify({ schema: 'sheaf.consent/1', id: subject.id, ...consent })}\n`,
  );
}

async function agree(
  context: Context,
  subject: ConsentSubject,
  last: StoredConsent | undefined,
  { yes, reference, profile, showPlan }: Parameters<typeof ensureConsent>[2],
): Promise<void> {
  const lines = describe(subject, last, profile);
  const isTooLong = isTooMuchToAsk(lines);
  if (!yes && (isTooLong || !context.ui.canAsk)) {
    const { permissions } = subject;
    throw new CliError(
      'permissions.not_approved',
      isTooLong
        ? `${subject.id} ${subject.version} asks for more than one question can show`
        : `nobody here has agreed to what ${subject.id} ${subject.version} may do`,
      {
        evidence: isTooLong ? [] : lines.slice(1).map((line) => line.trim()),
        hint: [
          `look at it: sheaf plan ${shellWord(reference)}`,
          `agree: run it again with --yes${isTooLong ? '' : ', or in a terminal'}`,
        ],
        data: { permissions },
      },
    );
  }
  for (const line of lines) context.ui.say(line);
  if (yes) context.ui.say('agreed to by --yes: what is listed here');
  else await ask(context, { showPlan, stay: last?.version && `${subject.id}@${last.version}` });
}

/** What is said of the permissions that are shown. */
const ENFORCED: Readonly<Record<Profile, string>> = {
  secure: 'its steps run in a sandbox that holds them to files and network; not to which hosts and programs',
  permissive:
    'declared by its author and not enforced (profile permissive): its steps can do whatever you can',
  disabled: 'declared by its author and not enforced (profile disabled): its steps can do whatever you can',
};

function describe(
  subject: ConsentSubject,
  last: StoredConsent | undefined,
  profile: Profile,
): readonly string[] {
  const signers = subject.signers.map((id) => shortId(id)).join(', ');
  const set = listPermissions(subject.permissions);
  const shown = set.length === 0 ? 'declares no permissions' : set.join('   ');
  const honest = ENFORCED[profile];
  const who = `${subject.id} ${subject.version} by ${signers}, verified`;
  if (last === undefined) return [`${who}, asks for the first time here:`, `  ${shown}`, honest];
  const { added, removed, kept } = compare(subject, last);
  const isSame = sameIds(last.signers, subject.signers);
  const from =
    last.version === undefined || last.version === subject.version ? '' : ` (you agreed to ${last.version})`;
  const changes = [...added.map((each) => renderPermission('+', each)), ...removed.map(renderRemoved)];
  return [
    `${who}, ${isSame ? 'same signer, asks for more' : 'ANOTHER SIGNER than you agreed to before'}${from}:`,
    ...(changes.length === 0 ? [`  = as before: ${shown}`] : changes.map((line) => `  ${line}`)),
    ...(changes.length > 0 && kept > 0 ? [`  = ${kept} as before`] : []),
    honest,
  ];
}

/** Which step of the earlier version needed it is not known any more. */
function renderRemoved({ kind, value }: ComparedPermission): string {
  return renderPermission('-', { kind, value });
}

/** What is asked for now beside what was agreed to, with the step and line that needs each. */
function compare(
  { bundle, permissions }: ConsentSubject,
  last: StoredConsent,
): WorkflowChanges['permissions'] {
  const definition = { ...bundle.definition, permissions };
  const before = { ...bundle, definition: { ...definition, permissions: last.permissions } };
  return compareDefinitions(before, { ...bundle, definition }).permissions;
}

/** Whether all that is asked for was agreed to, and by the same signers. */
function covers(consent: StoredConsent, { signers, permissions }: ConsentSubject): boolean {
  return (
    sameIds(consent.signers, signers) &&
    PERMISSION_KINDS.every((kind) =>
      permissions[kind].every((value) => consent.permissions[kind].includes(value)),
    )
  );
}

const CHOICES: Choices<'y' | 'n' | 'd'> = { keys: { y: 'yes', n: 'no', d: 'plan' }, default: 'n' };

async function ask(
  context: Context,
  { showPlan, stay }: { readonly showPlan: () => string; readonly stay: string | undefined },
): Promise<void> {
  for (;;) {
    const answer = await context.ui.choose('Run it?', CHOICES);
    if (answer === 'y') return;
    if (answer !== 'd')
      throw new CliError('approval.refused', 'not agreed; nothing was run', {
        hint: [
          'sheaf plan shows what would run',
          ...(stay === undefined ? [] : [`the version that you agreed to: sheaf run ${stay}`]),
        ],
      });
    context.ui.say(showPlan());
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
