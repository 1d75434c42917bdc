import { allows, isHigherVersion, type VerifiedWorkflow } from '@sheaf/client';
import type { FindWorkflow, PlanOptions } from '@sheaf/workflow';
import type { Context } from '../frame/context.js';
import { shortId } from '../terminal/text.js';
import type { WorkflowSource } from '../workflow/source.js';

/** The workflows that another one uses, and those that they use: all of them verified. */
export interface UsedWorkflows {
  /** Finds those that it uses itself; unset: it uses none. */
  readonly find?: FindWorkflow;
  readonly all: readonly VerifiedWorkflow[];
  /** What the log says against using some of them. */
  readonly warnings: readonly string[];
}

/** What uses nothing. */
export const NO_WORKFLOWS: UsedWorkflows = { all: [], warnings: [] };

/** What a plan of a definition is made with that uses them. */
export function findersOf({ find }: UsedWorkflows): PlanOptions {
  return find === undefined ? {} : { workflows: find };
}

/** The same for a definition on disk. */
export function planOptions({ catalogue }: WorkflowSource, used: UsedWorkflows): PlanOptions {
  return { ...findersOf(used), ...(catalogue === undefined ? {} : { catalogue }) };
}

/** What a plan is made with once more: of the workflows that it had, the highest that a range allows. */
export function findersAmong(used: readonly VerifiedWorkflow[]): PlanOptions {
  if (used.length === 0) return {};
  return {
    workflows: (id, range) => {
      const found = used
        .filter((each) => each.id === id && allows({ kind: 'range', range }, { ...each, tar: each.digest }))
        .reduce<VerifiedWorkflow | undefined>(
          (best, each) => (best === undefined || isHigherVersion(each.version, best.version) ? each : best),
          undefined,
        );
      return found === undefined ? undefined : { definition: found.bundle.definition, digest: found.digest };
    },
  };
}

/** A line for each: what runs that was written elsewhere, and who signed it. */
export function sayUsed({ ui }: Pick<Context, 'ui'>, { all }: UsedWorkflows): void {
  for (const { id, version, signers, logIndex } of all) {
    const by = signers.map((signer) => shortId(signer.id)).join(', ');
    ui.say(`uses ${id} ${version} verified · signed by ${by} · log #${logIndex}`);
  }
}
