import { formatDurationMs } from '@sheaf/client';
import type { Fetched } from '../registry/fetch.js';
import type { Style } from '../terminal/style.js';
import { printable } from '../terminal/escape.js';

/** What every verb that verifies reports under `--json`. */
export interface VerifiedData {
  readonly id: string;
  readonly version: string;
  readonly digest: string;
  readonly signers: readonly string[];
  readonly logIndex: number;
  readonly checkpoint: {
    readonly size: number;
    /** When the log was last asked for its newest, RFC 3339; absent when it never was. */
    readonly checkedAt?: string | undefined;
  };
  readonly registry: string;
  /** Of the release, as the log proves it. */
  readonly state: string;
  readonly offline: boolean;
}

export function describeVerified(fetched: Fetched): VerifiedData {
  const { workflow, pin, resolution } = fetched;
  const offline = resolution === undefined;
  const checkedAt = offline ? pin.realms.get(workflow.realm)?.checkedAt : undefined;
  return {
    id: workflow.id,
    version: workflow.version,
    digest: workflow.digest,
    signers: workflow.signers.map((signer) => signer.id),
    logIndex: workflow.logIndex,
    checkpoint: { size: workflow.checkpoint.size, ...(checkedAt === undefined ? {} : { checkedAt }) },
    registry: pin.url,
    state: workflow.standing.state,
    offline,
  };
}

/** `from the cache, checkpoint 3 h old, freshness not checked`: what nobody was asked for. */
export function offlineNote(
  { checkpoint: { checkedAt } }: Pick<VerifiedData, 'checkpoint'>,
  nowMs: number,
  from = 'the cache',
): string {
  const ageMs = checkedAt === undefined ? undefined : nowMs - Date.parse(checkedAt);
  const age = ageMs === undefined ? '' : `checkpoint ${formatDurationMs(Math.max(0, ageMs))} old, `;
  return `offline: from ${from}, ${age}freshness not checked`;
}

/** A line a check: `ok  log     checkpoint 48310 signed`. */
export function renderChecks(
  steps: readonly { readonly id: string; readonly status: string; readonly detail: string }[],
  style: Style,
): readonly string[] {
  return steps.map(
    (step) =>
      `${step.status === 'ok' ? style.green('ok  ') : style.red('FAIL')} ${step.id.padEnd(7)} ${printable(step.detail)}`,
  );
}
