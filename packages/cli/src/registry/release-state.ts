import { formatReference, parseReference, type StateMethods } from '@sheaf/client';
import type { VersionDocument, VersionState, VersionSummary, WorkflowDocument } from '@sheaf/client/contract';
import type { Version, WorkflowId } from '@sheaf/workflow';
import type { Input } from '../frame/args.js';
import { defineCommand, type Command, type Rendered } from '../frame/command.js';
import { CliError } from '../frame/errors.js';
import type { ReleaseStateJson } from '../json/parts/release-state.js';
import { describeFetched, type Fetched } from '../output/usage.js';
import { printable } from '../terminal/escape.js';
import { AGREE_FLAG, agreeToChange } from './agreement.js';
import { readExactReference } from './exact.js';
import { withReference } from './locate.js';
import { assertSameLog } from './log-key.js';
import { REGISTRY_FLAG, requireToken, type Session } from './session.js';

/** A version after its state was changed. */
export interface ReleaseStateData {
  readonly id: string;
  readonly version: string;
  readonly state: string;
  readonly reason?: string;
  readonly replacement?: string | undefined;
  readonly registry: string;
  /** What the new state means for others. */
  readonly effect: readonly string[];
}

/** A verb that puts a version in a state. */
export interface EnterVerb {
  readonly name: 'deprecate' | 'yank' | 'quarantine';
  /** What the version is then. */
  readonly state: VersionState;
  readonly about: string;
  /** Why there has to be a reason: `a deprecation`. */
  readonly noun: string;
  readonly examples: readonly string[];
  /** What it means for others; told before anything is sent. */
  readonly effect: (version: string, workflow: WorkflowDocument, nowMs: number) => readonly string[];
}

export function enterCommand(verb: EnterVerb): Command {
  return defineCommand<ReleaseStateData, ReleaseStateJson>({
    name: verb.name,
    about: verb.about,
    positionals: { names: ['REF'], completes: ['reference'], required: 1 },
    flags: [
      { name: 'reason', value: 'TEXT', summary: 'why; it is shown to everybody and logged for good' },
      { name: 'replacement', value: 'REF', completes: 'reference', summary: 'what to use instead' },
      AGREE_FLAG,
      REGISTRY_FLAG,
    ],
    examples: verb.examples,
    exitCodes: [0, 1, 3, 4, 5, 6],
    run: async (context, input) => {
      const word = input.positionals[0] ?? '';
      const { id, version } = await readExactReference(context, word, verb.name);
      const request = readRequest(verb, `${id}@${version}`, input);
      return withReference(context, input, word, async (session) => {
        await requireToken(context, session);
        await assertSameLog(context, session);
        const { signal } = context;
        const [workflow, before] = await Promise.all([
          session.client.getWorkflow(id, { signal }),
          session.client.getVersion(id, version, { signal }),
        ]);
        const effect = verb.effect(version, workflow, context.now());
        if (!isSaid(before, verb.state, request)) {
          const what = `${id} ${version}`;
          await agreeToChange(context, { what, effect, act: `${verb.name} it`, yes: input.has('yes') });
        }
        const document = await session.client[verb.name](id, version, request, { signal: context.signal });
        return { data: { ...describe(document, session, { id, version }), effect } };
      });
    },
    render: renderState,
  });
}

/** A verb that takes a state back. */
export interface LeaveVerb {
  readonly name: 'undeprecate' | 'unyank' | 'unquarantine';
  /** What the version is before. */
  readonly state: VersionState;
  readonly about: string;
  /** What it means for others. */
  readonly effect: string;
}

export function leaveCommand(verb: LeaveVerb): Command {
  return defineCommand<ReleaseStateData, ReleaseStateJson>({
    name: verb.name,
    about: verb.about,
    positionals: { names: ['REF'], completes: ['reference'], required: 1 },
    flags: [
      { name: 'reason', value: 'TEXT', summary: 'why; it is logged for good' },
      AGREE_FLAG,
      REGISTRY_FLAG,
    ],
    examples: [
      `sheaf ${verb.name} acme/deploy@1.2.0`,
      `sheaf ${verb.name} acme/deploy@1.2.0 --reason "mended at the server" --yes`,
    ],
    exitCodes: [0, 1, 3, 4, 5, 6],
    run: async (context, input) => {
      const word = input.positionals[0] ?? '';
      const { id, version } = await readExactReference(context, word, verb.name);
      const reason = readWhy(input);
      return withReference(context, input, word, async (session) => {
        await requireToken(context, session);
        await assertSameLog(context, session);
        const before = await session.client.getVersion(id, version, { signal: context.signal });
        // Of a version in another state nothing is taken back; the registry says what is wrong with that, if anything.
        const effect = before.state === verb.state ? [verb.effect] : [];
        if (effect.length > 0) {
          const what = `${id} ${version}`;
          await agreeToChange(context, { what, effect, act: `${verb.name} it`, yes: input.has('yes') });
        }
        const options = { signal: context.signal, reason: effect.length === 0 ? undefined : reason };
        const document = await session.client[verb.name](id, version, options);
        const said = options.reason === undefined ? {} : { reason: options.reason };
        return { data: { ...describe(document, session, { id, version }), ...said, effect } };
      });
    },
    render: renderState,
  });
}

function renderState(data: ReleaseStateData): Rendered {
  return {
    talk: data.reason === undefined ? '' : describeReason(data),
    answer: `${data.id}@${data.version} ${printable(data.state)}`,
  };
}

/** Why a state is taken back: need not be said, and is no reason when it is empty. */
function readWhy(input: Input): string | undefined {
  const reason = input.get('reason')?.trim();
  return reason === '' ? undefined : reason;
}

function readRequest(
  verb: EnterVerb,
  shown: string,
  input: Input,
): Parameters<StateMethods[EnterVerb['name']]>[2] {
  const reason = readWhy(input);
  if (reason === undefined) {
    throw new CliError('usage.missing_flag', `${verb.noun} needs a reason`, {
      hint: `sheaf ${verb.name} ${shown} --reason "use 2.0"`,
    });
  }
  const replacement = input.get('replacement');
  if (replacement === undefined) return { reason };
  assertReplacement(replacement);
  return { reason, replacement };
}

/**
 * Everybody is told of a replacement, also who calls registries otherwise.
 *
 * @throws ClientError `reference.invalid`; CliError `usage.reference` for one that names its registry
 */
export function assertReplacement(text: string): void {
  const { registry, id, selector } = parseReference(text);
  if (registry === undefined) return;
  throw new CliError('usage.reference', `a replacement is named without its registry, not as ${text}`, {
    hint: `it is one of the same registry: --replacement ${formatReference({ id, selector })}`,
  });
}

/** Whether everybody is told so already: the same command again changes nothing. */
function isSaid(
  before: VersionDocument,
  state: VersionState,
  request: { readonly reason: string; readonly replacement?: string | undefined },
): boolean {
  return (
    before.state === state && before.reason === request.reason && before.replacement === request.replacement
  );
}

function describe(
  document: VersionDocument,
  session: Session,
  { id, version }: { readonly id: WorkflowId; readonly version: Version },
): Omit<ReleaseStateData, 'effect'> {
  const { state, reason, replacement } = document;
  return {
    id,
    version,
    state,
    ...(reason === undefined ? {} : { reason }),
    ...(replacement === undefined ? {} : { replacement }),
    registry: session.url,
  };
}

function describeReason({ reason = '', replacement }: ReleaseStateData): string {
  return `reason: ${printable(reason)}${replacement === undefined ? '' : ` (replacement: ${printable(replacement)})`}`;
}

/** How many may be affected; nothing where the registry does not say. */
export function describeUsage(
  version: string,
  { versions }: { readonly versions: readonly (Fetched & Pick<VersionSummary, 'version'>)[] },
  nowMs: number,
): readonly string[] {
  const fetched = describeFetched(
    versions.filter((each) => each.version === version),
    nowMs,
  );
  return fetched === undefined ? [] : [`fetched ${fetched}`];
}

/** The version that ranges and `latest` can take when one is gone; undefined when none is left. */
export function newestBeside(version: string, workflow: WorkflowDocument): string | undefined {
  return workflow.versions.find(
    (each) =>
      each.version !== version &&
      each.revoked === undefined &&
      (each.state === 'active' || each.state === 'deprecated'),
  )?.version;
}
