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
  readonly checkpoint: { readonly size: number };
  readonly registry: string;
  /** Of the release, as the log proves it. */
  readonly state: string;
  readonly offline: boolean;
}

export function describeVerified(fetched: Fetched): VerifiedData {
  const { workflow, pin, resolution } = fetched;
  return {
    id: workflow.id,
    version: workflow.version,
    digest: workflow.digest,
    signers: workflow.signers.map((signer) => signer.id),
    logIndex: workflow.logIndex,
    checkpoint: { size: workflow.checkpoint.size },
    registry: pin.url,
    state: workflow.standing.state,
    offline: resolution === undefined,
  };
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
