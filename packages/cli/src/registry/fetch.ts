import {
  fetchWorkflow,
  formatDurationMs,
  formatTimeMs,
  registryIdOf,
  type FetchedWorkflow,
  type Pin,
  type PolicyContext,
  type Reference,
  type TrustStore,
  type VerificationStep,
} from '@sheaf/client';
import { startClock, type Context } from '../frame/context.js';
import { codeOf } from '../frame/errors.js';
import { printable } from '../terminal/escape.js';
import { tellDropped } from './cache-talk.js';
import { openFetchProgress, type FetchProgress } from './fetch-progress.js';
import { ensurePinned } from './first-contact.js';
import { explainOffline } from './offline.js';
import { policyFor, type PolicyOptions } from './policy.js';
import type { Session } from './session.js';
import { createTurns, type Turns } from './turns.js';

/** A workflow that passed every check, and how. */
export interface Fetched extends FetchedWorkflow {
  readonly pin: Pin;
  readonly steps: readonly VerificationStep[];
  readonly durationMs: number;
}

export interface FetchOptions extends PolicyOptions {
  readonly offline: boolean;
  /** Shown with that of others; one of its own otherwise. */
  readonly progress?: FetchProgress | undefined;
  /** What was typed, as far as `--offline` can stand behind it: `run deploy`. Undefined where it has no `--offline`. */
  readonly typed?: string | undefined;
  /** Where others are fetched at the same time: what is asked waits for its turn. */
  readonly turns?: Turns | undefined;
}

/** Resolves, fetches what is absent, verifies all of it. Nothing that fails a check is kept. */
export async function fetchVerified(
  context: Context,
  session: Session,
  reference: Reference,
  options: FetchOptions,
): Promise<Fetched> {
  const elapsed = startClock(context);
  const turns = options.turns ?? createTurns();
  const trust = await session.trust();
  const pin = options.offline
    ? await trust.getPin(session.url)
    : await turns(() => ensurePinned(context, session, options));
  const policy = inTurn(await policyFor(context, options), { turns, trust, registry: registryIdOf(pin) });
  const progress = options.progress ?? openFetchProgress(context);
  const onProgress = progress.of(reference.id);
  const steps = new Map<string, VerificationStep>();
  try {
    const fetched = await fetchWorkflow({
      client: session.client,
      cache: await session.cache(),
      trust,
      reference,
      // What qualifies it has chosen the session.
      registryName: reference.registry,
      policy,
      offline: options.offline,
      signal: context.signal,
      onEvent: (event) => {
        onProgress(event);
        if (event.type === 'step') steps.set(event.step.id, event.step);
        else if (event.type === 'cache.dropped') {
          if (event.what !== 'partial') steps.clear();
          tellDropped(context, event, reference.id);
        }
      },
    });
    return { ...fetched, pin, steps: [...steps.values()], durationMs: elapsed() };
  } catch (error) {
    if (options.offline || codeOf(error)?.startsWith('network.') !== true) throw error;
    throw await explainOffline(error as Error, { context, session, reference, pin, typed: options.typed });
  } finally {
    if (options.progress === undefined) progress.close();
  }
}

/** Asks of each publisher once, though several of its workflows are fetched at the same time. */
function inTurn(
  policy: PolicyContext,
  {
    turns,
    trust,
    registry,
  }: { readonly turns: Turns; readonly trust: TrustStore; readonly registry: string },
): PolicyContext {
  const { askPublisher } = policy;
  if (askPublisher === undefined) return policy;
  return {
    ...policy,
    askPublisher: (question, options) =>
      turns(async () => {
        // Accepted while this one waited: the yes keeps nothing, and what was accepted decides.
        if ((await trust.findAccepted(registry, question.namespace)) !== undefined) return true;
        const keys = question.signers.map(({ keyid }) => keyid).sort();
        const asked = [registry, question.namespace, ...keys].join(' ');
        const known = turns.answers.get(asked);
        if (known !== undefined) return known;
        const answer = await askPublisher(question, options);
        if (answer !== false) turns.answers.set(asked, answer);
        return answer;
      }),
  };
}

/** What the log says against using a version, and which newer one is held back; empty when nothing. */
export function describeState(
  fetched: Pick<FetchedWorkflow, 'workflow'> & Partial<Pick<FetchedWorkflow, 'resolution'>>,
): readonly string[] {
  const { resolution, workflow } = fetched;
  const held = resolution?.held;
  return [
    ...(workflow.standing.state === 'active' ? [] : [describeStanding(fetched)]),
    ...(held === undefined
      ? []
      : [
          `${workflow.id} ${held.version} is held until ${formatTimeMs(held.untilMs)} (min_release_age ${formatDurationMs(held.minReleaseAgeMs)}); once: --allow-young ${workflow.id}@${held.version}`,
        ]),
  ];
}

/** That a version was taken back: the one of {@link describeState} that must be known before it runs. */
export function findWithdrawal(fetched: FetchedWorkflow): string | undefined {
  return fetched.workflow.standing.state === 'yanked' ? describeStanding(fetched) : undefined;
}

function describeStanding({
  workflow: { id, version, standing },
}: Pick<FetchedWorkflow, 'workflow'>): string {
  const { state, reason, replacement } = standing;
  const why = reason === undefined ? '' : `: ${printable(reason)}`;
  const instead = replacement === undefined ? '' : ` (replacement: ${printable(replacement)})`;
  return `${id} ${version} is ${state}${why}${instead}`;
}
