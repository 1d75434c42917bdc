import { formatReference, isClientError, resolveVersion, type Reference } from '@sheaf/client';
import type { WorkflowDocument } from '@sheaf/client/contract';
import { parseVersion, splitWorkflowId, type Version, type WorkflowId } from '@sheaf/workflow';
import { remember } from '../completion/candidates.js';
import { defineCommand, omit } from '../frame/command.js';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import type { InfoJson } from '../json/info.js';
import type { InfoLocalJson } from '../json/info-local.js';
import { renderLocalInfo, type LocalInfo } from '../output/info-local.js';
import { renderInfo, type Info } from '../output/info.js';
import { withReference } from '../registry/locate.js';
import { assertSameLog } from '../registry/log-key.js';
import { asPath, REGISTRY_FLAG, type Session } from '../registry/session.js';

export const command = defineCommand<Info | LocalInfo, InfoJson | InfoLocalDocument>({
  name: 'info',
  about: 'Show what a workflow is, what it may do, what it takes and gives. Downloads and verifies nothing.',
  positionals: {
    names: ['NAME|REF|PATH|FILE'],
    completes: [['name', 'reference', 'folder', 'file']],
    required: 1,
  },
  flags: [
    { name: 'readme', summary: 'its README instead, as it was written; on a terminal in a pager' },
    REGISTRY_FLAG,
  ],
  examples: ['sheaf info acme/release-notes', 'sheaf info acme/release-notes@^1 --json', 'sheaf info .'],
  exitCodes: [0, 3, 4, 6, 7],
  run: async (context, input) => {
    const word = input.positionals[0] ?? '';
    const named = await findNamed(context, word);
    if (named === undefined && mayLieHere(word, context.cwd)) {
      const { findLocal } = await import('../workflow/local-info.js');
      const local = await findLocal(context, word, { readme: input.has('readme') });
      if (local !== undefined) return { data: local };
    }
    return withReference(context, input, named?.reference ?? word, async (session, reference) => {
      const { client, url } = session;
      const { signal } = context;
      const [workflow] = await Promise.all([
        findWorkflow(context, session, reference.id),
        assertSameLog(context, session),
      ]);
      const chosen = chooseVersion(workflow, reference);
      const [version, readme] = await Promise.all([
        client.getVersion(reference.id, chosen, { signal }),
        input.has('readme') ? client.getReadme(reference.id, chosen, { signal }) : undefined,
      ]);
      await remember(context, 'reference', listNewest(workflow));
      return {
        data: {
          registry: url,
          workflow,
          version,
          ...(reference.registry === undefined ? {} : { qualifier: reference.registry }),
          ...(named === undefined ? {} : { project: { name: word, locked: named.lockedOf(reference.id) } }),
          ...(readme === undefined ? {} : { readme }),
        },
      };
    });
  },
  toJson: (data) =>
    'local' in data ? { schema: 'sheaf.info-local/1', ...data.local } : omit(data, 'qualifier'),
  render: (data, look) => ('local' in data ? renderLocalInfo(data, look) : renderInfo(data, look)),
  jsonSummary:
    'print one JSON document (sheaf.info-local/1 of a folder or a file); --json=1 holds to its first version',
});

type InfoLocalDocument = { readonly schema: 'sheaf.info-local/1' } & InfoLocalJson;

/** A path is one's own; so is a word that can be no reference. What others published is never looked for on disk. */
function mayLieHere(word: string, cwd: string): boolean {
  return asPath(word, cwd) !== undefined || !word.includes('/') || /\.(toml|ya?ml|sheaf)$/.test(word);
}

/** What the project calls by a word without a slash: its reference, and which versions are locked. */
async function findNamed(
  context: Context,
  word: string,
): Promise<
  { readonly reference: string; readonly lockedOf: (id: WorkflowId) => readonly string[] } | undefined
> {
  if (word.includes('/')) return undefined;
  const { findProject } = await import('../project/open-project.js');
  const project = await findProject(context);
  const named = project?.workflows.get(word);
  if (project === undefined || named === undefined) return undefined;
  const { findLock } = await import('../project/lock-on-disk.js');
  const locked = (await findLock(project))?.workflows ?? [];
  return {
    reference: formatReference(named.reference),
    lockedOf: (id) => locked.filter((entry) => entry.id === id).map(({ version }) => version),
  };
}

/** So many versions of one workflow are offered by shells. */
const MAX_OFFERED = 5;

/** The newest versions that are advised, as references. */
function listNewest({ id, versions }: WorkflowDocument): readonly string[] {
  return versions
    .filter(({ state, revoked }) => state === 'active' && revoked === undefined)
    .slice(0, MAX_OFFERED)
    .map(({ version }) => `${id}@${version}`);
}

/** The version that a reference means. One that is refused is shown all the same when it is asked for by number. */
function chooseVersion(workflow: WorkflowDocument, reference: Reference): Version {
  const { selector } = reference;
  const isRefused =
    selector.kind === 'version' &&
    workflow.id === reference.id &&
    workflow.versions.some(
      ({ version, revoked, state }) =>
        version === selector.version && (revoked !== undefined || state === 'quarantined'),
    );
  if (isRefused) return selector.version;
  try {
    return resolveVersion(workflow, reference).version;
  } catch (error) {
    const [newest] = workflow.versions;
    if (!isClientError(error, 'version.unresolved') || newest === undefined) throw error;
    // All were taken back: their states and reasons are what somebody who asks for the workflow has to see.
    const isLeft = workflow.versions.some(
      ({ revoked, state }) => revoked === undefined && (state === 'active' || state === 'deprecated'),
    );
    if (selector.kind === 'latest' && !isLeft) return parseVersion(newest.version);
    throw new CliError(error.code, error.message, {
      cause: error,
      hint: [
        ...(error.hint === undefined ? [] : [error.hint]),
        `sheaf info ${reference.id}@${newest.version}`,
      ],
    });
  }
}

/** The workflow; when there is none, the error names those whose names are near. */
async function findWorkflow(
  context: Context,
  { client }: Session,
  id: WorkflowId,
): Promise<WorkflowDocument> {
  const { signal } = context;
  try {
    return await client.getWorkflow(id, { signal });
  } catch (error) {
    if (!isClientError(error, 'workflow.not_found', 'namespace.not_found')) throw error;
    const names = await findNear(client, id, signal);
    if (names.length === 0) throw error;
    throw new CliError(error.code, error.message, {
      cause: error,
      evidence: [`near it: ${names.join(', ')}`],
      hint: `sheaf info ${names[0] ?? ''}`,
    });
  }
}

async function findNear(
  client: Session['client'],
  id: WorkflowId,
  signal: AbortSignal,
): Promise<readonly string[]> {
  try {
    const { hits, near } = await client.search({ text: splitWorkflowId(id).name, limit: 5 }, { signal });
    return [...near, ...hits].slice(0, 5).map((hit) => hit.id);
  } catch {
    // A suggestion is an extra: that there is none must not hide what was not found.
    return [];
  }
}
