import { assertGoesOn } from './cancelled.js';
import { isClientError } from './errors.js';
import type { FetchEvent } from './fetch-event.js';
import { fetchWorkflow, type FetchedWorkflow, type FetchRequest } from './fetch.js';
import { mapLimited } from './map-limited.js';
import type { Reference } from './reference.js';
import type { RegistryClient } from './registry-client.js';

const DEFAULT_CONCURRENCY = 4;
const MAX_CONCURRENCY = 64;
const MAX_REFERENCES = 10_000;

/** A reference, and the registry to ask when that is not the one of the request. */
export interface FetchWorkflowsTarget {
  readonly reference: Reference;
  readonly client?: RegistryClient | undefined;
  /** As `FetchRequest.registryName`, of that client. */
  readonly registryName?: string | undefined;
}

/** As {@link FetchRequest}, for several references. */
export interface FetchWorkflowsRequest extends Omit<FetchRequest, 'reference' | 'onEvent'> {
  /** At most 10,000. Workflows that several of them mean are downloaded once. */
  readonly references: readonly (Reference | FetchWorkflowsTarget)[];
  /** How many are fetched at the same time, 1 to 64. Default 4. */
  readonly concurrency?: number | undefined;
  /** Told what happens to each, by its index in `references`; the events of several are mixed. */
  readonly onEvent?: ((event: FetchEvent, index: number) => void) | undefined;
}

/** What became of one reference: one that fails does not stop the others. */
export type FetchResult =
  | { readonly ok: true; readonly reference: Reference; readonly fetched: FetchedWorkflow }
  | { readonly ok: false; readonly reference: Reference; readonly error: unknown };

/**
 * Fetches several workflows, so many at a time; results come in the order of the references. Each is verified as by
 * `fetchWorkflow`, whose errors are in the results.
 *
 * @throws ClientError `operation.cancelled` when the signal is aborted; RangeError for limits out of their range
 */
export async function fetchWorkflows(request: FetchWorkflowsRequest): Promise<readonly FetchResult[]> {
  const { references, concurrency = DEFAULT_CONCURRENCY, onEvent, signal, ...common } = request;
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > MAX_CONCURRENCY)
    throw new RangeError(`concurrency must be a whole number from 1 to ${MAX_CONCURRENCY}`);
  if (references.length > MAX_REFERENCES)
    throw new RangeError(`at most ${MAX_REFERENCES} references are fetched at once`);
  assertGoesOn(signal);
  return mapLimited(references, concurrency, async (given, index): Promise<FetchResult> => {
    const target: FetchWorkflowsTarget = 'reference' in given ? given : { reference: given };
    const { reference } = target;
    const { client, registryName } = target.client === undefined ? common : target;
    try {
      const fetched = await fetchWorkflow({
        ...common,
        client: client ?? common.client,
        registryName,
        reference,
        signal,
        onEvent: (event) => onEvent?.(event, index),
      });
      return { ok: true, reference, fetched };
    } catch (error) {
      if (signal?.aborted === true || isClientError(error, 'operation.cancelled')) throw error;
      return { ok: false, reference, error };
    }
  });
}
