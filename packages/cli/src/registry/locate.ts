import { ClientError, createUpstreams, registryIdOf, type Reference } from '@sheaf/client';
import type { WorkflowId } from '@sheaf/workflow';
import { remember } from '../completion/candidates.js';
import type { Input } from '../frame/args.js';
import type { Context } from '../frame/context.js';
import { isCi } from '../frame/ci.js';
import { CliError } from '../frame/errors.js';
import type { ProjectRegistries } from '../project/registries-only.js';
import { readReference } from '../project/read-reference.js';
import { chooseGiven, getNamed, listCandidates, type RegistryChoice } from './choose.js';
import { findKnownPin } from './log-key.js';
import { withSession, withSessions, type Session, type UseRegistry } from './session.js';
import { explainUnsure, isStranger } from './strangers.js';

/**
 * Does some work with the registry that a reference means: the one of `--registry` or `SHEAF_REGISTRY`, else the one
 * that it is qualified by, else the only one of those configured that has the workflow. Never the first that has it.
 *
 * @param word as it was typed
 * @throws ClientError `reference.invalid`, `reference.registry_ambiguous`, `workflow.not_found`; CliError
 *   `reference.registry_unknown`, `reference.registry_unsure`
 */
export async function withReference<T>(
  context: Context,
  input: Input,
  word: string,
  work: (session: Session, reference: Reference) => Promise<T>,
): Promise<T> {
  const reference = await readReference(context, word);
  const candidates = await candidatesFor(context, input, reference);
  const [only] = candidates;
  const done =
    only !== undefined && candidates.length === 1
      ? await withSession(context, input, (session) => work(session, reference), { choice: only })
      : await withSessions(context, async (use) => {
          const choice = await chooseAmong({ context, input, use }, candidates, reference);
          return use(choice, (session) => work(session, reference));
        });
  await remember(context, 'reference', [reference.id]);
  return done;
}

/** What finding a registry needs; `use` keeps the connections for the work that follows. */
export interface LocateUse {
  readonly context: Context;
  readonly input: Input;
  readonly use: UseRegistry;
}

/** {@link withReference} for work with several references: only finds the registry. */
export async function locateReference(deps: LocateUse, reference: Reference): Promise<RegistryChoice> {
  const candidates = await candidatesFor(deps.context, deps.input, reference);
  return chooseAmong(deps, candidates, reference);
}

/** The registries that a reference may be of, before any is asked. @param project as of `getNamed` */
export async function candidatesFor(
  context: Context,
  input: Input,
  reference: Reference,
  project?: ProjectRegistries,
): Promise<readonly RegistryChoice[]> {
  const flag = input.get('registry');
  if (reference.registry !== undefined) {
    const named = await getNamed(context, reference.registry, project);
    await assertOneWord(context, { reference, named }, flag);
    return [named];
  }
  const given = await chooseGiven(context, flag);
  return given === undefined ? listCandidates(context, project) : [given];
}

/** A flag that names one registry and a reference that names another: neither is to be passed over. */
async function assertOneWord(
  context: Context,
  { reference, named }: { readonly reference: Reference; readonly named: RegistryChoice },
  flag: string | undefined,
): Promise<void> {
  if (flag === undefined || flag === reference.registry) return;
  if ((await chooseGiven(context, flag))?.url === named.url) return;
  throw new CliError(
    'usage.exclusive_flags',
    `--registry and ${reference.registry ?? ''}: in front of ${reference.id} name two registries`,
    { hint: 'leave out one of them' },
  );
}

/** The one of several registries that has what a reference means. */
export async function chooseAmong(
  deps: LocateUse,
  candidates: readonly RegistryChoice[],
  reference: Reference,
): Promise<RegistryChoice> {
  const [only] = candidates;
  if (only !== undefined && candidates.length === 1) return only;
  const { context, input, use } = deps;
  const isOffline = input.has('offline');
  const list = candidates.map((choice) => ({
    choice,
    name: choice.name ?? choice.url,
    // The cache hides nothing.
    mayHide: isOffline ? undefined : () => isStranger(context, use, { choice, id: reference.id }),
    client: {
      url: choice.url,
      getWorkflow: (id: WorkflowId): Promise<unknown> =>
        isOffline
          ? use(choice, (session) => findCached(context, session, id))
          : use(choice, ({ client }) => client.getWorkflow(id, { signal: context.signal })),
    },
  }));
  const unqualified: Reference = { id: reference.id, selector: reference.selector };
  let strangers: readonly RegistryChoice[] = [];
  try {
    const located = await createUpstreams(list).locate(unqualified, {
      takeOnly: (found, hiding) => {
        strangers = hiding.map(({ choice }) => choice);
        // What nobody reads has to be an error.
        if (isCi(context) || input.has('yes')) return false;
        context.ui.warn(
          `${reference.id} is taken from ${found.name}; ${hiding.map(({ name }) => name).join(', ')} was asked without signing in, or with a token for other namespaces, where a private one looks absent`,
        );
        return true;
      },
    });
    return located.choice;
  } catch (error) {
    throw explainUnsure(error, context, strangers);
  }
}

/** Offline, the cache answers for a registry. */
async function findCached(context: Context, session: Session, id: WorkflowId): Promise<unknown> {
  const pin = await findKnownPin(context, session);
  const versions = pin === undefined ? [] : await (await session.cache()).listVersions(registryIdOf(pin), id);
  if (versions.length > 0) return versions;
  throw new ClientError('workflow.not_found', `the cache has nothing of ${id} from ${session.url}`, {
    hint: `without --offline, or first: sheaf fetch ${id}`,
  });
}
