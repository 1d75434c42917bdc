import { isHigherVersion, type PackedWorkflow } from '@sheaf/client';
import type { VersionSummary, WorkflowDocument } from '@sheaf/client/contract';
import {
  findInterfaceBreaks,
  mustStayCompatible,
  parseVersion,
  splitWorkflowId,
  type DeclaredParameter,
} from '@sheaf/workflow';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import { shellWord } from '../terminal/shell.js';
import { plural } from '../terminal/text.js';
import type { GitState } from './git-source.js';
import type { Session } from './session.js';

const MAX_LISTED = 10;

/**
 * Refuses files that are not as the commit has them, unless somebody says that they may differ: what is signed would name no
 * commit, and nobody could see where it comes from.
 *
 * @param word how the folder was named
 * @throws CliError `publish.dirty`
 */
export function assertCommitted(word: string, git: GitState, isAllowed: boolean): void {
  if (git.kind !== 'dirty' || isAllowed) return;
  const { files } = git;
  const [what, them] = files.length === 1 ? ['is not as', 'it'] : ['are not as', 'them'];
  throw new CliError(
    'publish.dirty',
    `${plural(files.length, 'file')} of the bundle ${what} the commit has ${them}`,
    {
      evidence: [
        ...files.slice(0, MAX_LISTED),
        ...(files.length > MAX_LISTED ? [`… and ${files.length - MAX_LISTED} more`] : []),
      ],
      hint: [
        'commit what changed, and publish again',
        `or publish it without naming a commit: sheaf publish ${shellWord(word)} --allow-dirty`,
      ],
      data: { files },
    },
  );
}

/**
 * What a registry would say of the interface: within a major version, whoever uses the one before must be able to use this
 * one. The registry has the last word, by the same rules.
 *
 * @throws CliError `interface.breaking` with each break
 */
export async function assertCompatible(
  { signal }: Pick<Context, 'signal'>,
  { client }: Pick<Session, 'client'>,
  { bundle: { definition } }: PackedWorkflow,
  workflow: WorkflowDocument | undefined,
): Promise<void> {
  const before = findBefore(workflow, definition.version);
  if (before === undefined || !mustStayCompatible(parseVersion(before.version), definition.version)) return;
  const document = await client.getVersion(definition.id, parseVersion(before.version), { signal });
  const breaks = findInterfaceBreaks(
    {
      // A registry writes what definitions declare; what has another form is not compared.
      parameters: document.parameters as Readonly<Record<string, DeclaredParameter>>,
      outputs: document.outputs,
    },
    { parameters: definition.parameters, outputs: Object.keys(definition.outputs) },
  );
  if (breaks.length === 0) return;
  throw new CliError(
    'interface.breaking',
    `the interface breaks that of ${before.version} in ${plural(breaks.length, 'place')}`,
    {
      evidence: breaks.slice(0, MAX_LISTED).map(({ pointer, detail }) => `${pointer}  ${detail}`),
      hint: [
        'raise the major version, or keep what is listed',
        'or publish it with --force, if nobody can depend on it',
      ],
    },
  );
}

/** The highest stable version below a new one that people still get. */
function findBefore(workflow: WorkflowDocument | undefined, version: string): VersionSummary | undefined {
  return workflow?.versions.find(
    (each) =>
      (each.state === 'active' || each.state === 'deprecated') &&
      !each.version.includes('-') &&
      isHigherVersion(version, each.version),
  );
}

/** Roles that publish. */
const PUBLISHING = new Set(['publisher', 'maintainer', 'owner']);

/**
 * Whether the namespace would take a publish of this user, as far as can be asked.
 *
 * @throws CliError `auth.role_missing`
 */
export async function assertMayPublish(
  { signal }: Pick<Context, 'signal'>,
  { client }: Pick<Session, 'client'>,
  { bundle }: PackedWorkflow,
): Promise<void> {
  const { namespace } = splitWorkflowId(bundle.definition.id);
  const { user, admin, namespaces } = await client.whoami({ signal });
  const role = namespaces.find(({ name }) => name === namespace)?.role;
  if (admin || (role !== undefined && PUBLISHING.has(role))) return;
  throw new CliError(
    'auth.role_missing',
    `${user} ${role === undefined ? 'has no role in' : `is only ${role} of`} ${namespace}, and publishing takes a publisher`,
    {
      hint: `ask an owner of it for  sheaf namespace members add ${namespace} ${shellWord(user)} --role publisher`,
    },
  );
}
