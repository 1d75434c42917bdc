import { quote, type WorkflowId } from '@sheaf/workflow';
import { ClientError, isClientError } from './errors.js';
import { formatReference, type Reference } from './reference.js';
import { isRegistryName } from './registry-name.js';
import type { CallOptions } from './registry/caller.js';

/** One of several registries. */
export interface Upstream {
  /** What references qualify themselves with; one that is not a name, such as an address, cannot be. */
  readonly name: string;
  /** A `RegistryClient` is one. */
  readonly client: {
    readonly url: string;
    /** Rejects with `workflow.not_found` when the registry has no such workflow. */
    getWorkflow(id: WorkflowId, options?: CallOptions): Promise<unknown>;
  };
  /**
   * Whether it was asked as by a stranger, from whom it hides what is private: then what it does not have it may have all
   * the same. Asked after it answered so, where another one has the workflow. Without it, its answer is the truth.
   */
  readonly mayHide?: (() => Promise<boolean>) | undefined;
}

/** How a registry is found. */
export interface LocateOptions<U extends Upstream = Upstream> extends CallOptions {
  /**
   * Whether the only one that has the workflow is taken although others may hide one of the same name, which somebody
   * else has published there. Without it, it is not.
   */
  readonly takeOnly?: ((found: U, hiding: readonly U[]) => boolean) | undefined;
}

/** Several registries that a reference may be of. */
export interface Upstreams<U extends Upstream = Upstream> {
  readonly list: readonly U[];
  /**
   * The one registry that a reference means: the one that it names, or the only one that there is, without asking; else
   * all are asked at once, and exactly one of them has to have the workflow. The order of the list never decides.
   *
   * @throws ClientError `reference.registry_unknown`, `reference.registry_ambiguous`, `reference.registry_unsure`,
   *   `workflow.not_found`; what failed when one that might have it cannot be asked
   */
  locate(reference: Reference, options?: LocateOptions<U>): Promise<U>;
}

const ABSENT = ['workflow.not_found', 'namespace.not_found'] as const;

/**
 * Puts registries together of which none comes first.
 *
 * @param list a registry that is there under two names counts twice
 * @throws RangeError when a name is there twice
 */
export function createUpstreams<U extends Upstream>(list: readonly U[]): Upstreams<U> {
  const twice = list.find(({ name }, i) => list.findIndex((each) => each.name === name) !== i);
  if (twice !== undefined) throw new RangeError(`two registries are called ${quote(twice.name)}`);
  return {
    list,
    async locate(reference, options = {}) {
      if (reference.registry !== undefined) return findNamed(list, reference.registry, reference);
      const [only, ...more] = list;
      if (only !== undefined && more.length === 0) return only;
      return askAll(list, reference, options);
    },
  };
}

/** How a reference is written when one registry is meant: `corp:acme/deploy@^1`. */
export function qualify(name: string, { id, selector }: Reference): string {
  return isRegistryName(name)
    ? formatReference({ registry: name, id, selector })
    : `${formatReference({ id, selector })} of ${name}`;
}

function findNamed<U extends Upstream>(list: readonly U[], registry: string, reference: Reference): U {
  const found = list.find(({ name }) => name === registry);
  if (found !== undefined) return found;
  const known = list.map(({ name }) => name).filter(isRegistryName);
  throw new ClientError(
    'reference.registry_unknown',
    `there is no configured registry called ${registry}, as ${formatReference(reference)} says`,
    { hint: known.length === 0 ? 'none has a name' : `known: ${known.join(', ')}` },
  );
}

async function askAll<U extends Upstream>(
  list: readonly U[],
  reference: Reference,
  { takeOnly, ...options }: LocateOptions<U>,
): Promise<U> {
  const answers = await Promise.all(list.map((upstream) => ask(upstream, reference, options)));
  const having = answers.filter(({ has }) => has === true).map(({ upstream }) => upstream);
  if (having.length > 1) throw ambiguous(having, reference);
  const failed = answers.find(({ has }) => has === undefined);
  if (failed !== undefined) throw unanswered(failed, list, reference);
  const [found] = having;
  if (found !== undefined) {
    const others = list.filter((each) => each !== found);
    const hides = await Promise.all(others.map(async ({ mayHide }) => (await mayHide?.()) ?? false));
    const hiding = others.filter((_, i) => hides[i]);
    if (hiding.length === 0 || takeOnly?.(found, hiding) === true) return found;
    throw unsure(found, hiding, reference);
  }
  const asked = list.map(({ name }) => name);
  throw new ClientError(
    'workflow.not_found',
    asked.length === 0
      ? `there is no registry to ask for ${reference.id}`
      : `none of ${asked.join(', ')} has ${reference.id}`,
    { hint: 'check its name, or sign in: what is private looks absent to strangers' },
  );
}

interface Answer<U> {
  readonly upstream: U;
  /** Undefined when it could not be asked. */
  readonly has: boolean | undefined;
  readonly error?: unknown;
}

async function ask<U extends Upstream>(
  upstream: U,
  { id }: Reference,
  options: CallOptions,
): Promise<Answer<U>> {
  try {
    await upstream.client.getWorkflow(id, options);
    return { upstream, has: true };
  } catch (error) {
    return isClientError(error, ...ABSENT) ? { upstream, has: false } : { upstream, has: undefined, error };
  }
}

function ambiguous(having: readonly Upstream[], reference: Reference): ClientError {
  const ways = having.map(({ name }) => qualify(name, reference));
  return new ClientError(
    'reference.registry_ambiguous',
    `${reference.id} is in ${having.length} registries, and may be another thing in each`,
    { hint: `say which: ${ways.join(' or ')}` },
  );
}

function unsure(found: Upstream, hiding: readonly Upstream[], reference: Reference): ClientError {
  const ways = [found, ...hiding].map(({ name }) => qualify(name, reference));
  return new ClientError(
    'reference.registry_unsure',
    `only ${found.name} shows ${reference.id}, and ${hiding.map(({ name }) => name).join(', ')} was asked without signing in, or with a token for other namespaces, where a private one looks absent`,
    { hint: `say which: ${ways.join(' or ')}` },
  );
}

/** What failed, with the way round it: a registry that is named is the only one that is asked. */
function unanswered<U extends Upstream>(
  { upstream, error }: Answer<U>,
  list: readonly U[],
  reference: Reference,
): unknown {
  if (!isClientError(error) || error.code === 'operation.cancelled') return error;
  const ways = list.filter((each) => each !== upstream).map(({ name }) => qualify(name, reference));
  const round = `it may have ${reference.id}, so no other is taken for it; if you mean another: ${ways.join(' or ')}`;
  return new ClientError(error.code, error.message, {
    hint: error.hint === undefined ? round : `${error.hint}; ${round}`,
    remedy: error.remedy,
    cause: error,
    problem: error.problem,
    retry: error.retry,
    verification: error.verification,
  });
}
