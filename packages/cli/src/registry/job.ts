import { obtainJobKey } from '@sheaf/client';
import { splitWorkflowId, type Namespace, type WorkflowId, type WorkflowName } from '@sheaf/workflow';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import type { ChosenKey } from '../keys/signing-key.js';
import { connect } from './connect.js';
import { readIdentityToken, type IdentitySource } from './identity-token.js';
import type { Session } from './session.js';

/** A CI job that may publish: its key, and a session of its own. */
export interface Job {
  readonly key: ChosenKey;
  readonly session: Session;
  readonly close: () => Promise<void>;
}

/**
 * Has a key of this process logged for the CI job that it is, and opens a session that may publish with it for a quarter
 * of an hour. Several workflows are published with one key, since an identity token is good for one.
 *
 * @param origin the registry's origin, as pinned
 * @param work.ids what is published: one workflow, or several of one namespace
 * @throws CliError `oidc.token_missing`, `oidc.several_namespaces`, `oidc.one_workflow`; ClientError a code of `oidc.…`
 */
export async function openJob(
  context: Context,
  session: Session,
  work: { readonly source: IdentitySource; readonly ids: readonly WorkflowId[]; readonly origin: string },
): Promise<Job> {
  const { source, ids, origin } = work;
  const target = targetOf(ids);
  const { signal } = context;
  const token = await readIdentityToken(source, audienceFor(origin, context), signal);
  const { key, exchanged } = await obtainJobKey(session.client, { origin, token, ...target }, { signal });
  const others = ids.filter(
    (id) => exchanged.name !== undefined && splitWorkflowId(id).name !== exchanged.name,
  );
  if (others.length > 0) throw boundToOne(target.namespace, exchanged.name ?? '', others);
  const client = await connect(context, session, { token: exchanged.token });
  context.ui.say(
    `this job may publish ${ids.join(', ')} until ${exchanged.expiresAt.slice(11, 16)} UTC: its key is at log #${exchanged.logIndex}`,
  );
  return {
    key: { label: 'this CI job', key },
    session: { ...session, client, token: () => Promise.resolve(exchanged.token) },
    close: () => client.close(),
  };
}

/** What is asked for: the one workflow, or the namespace of all of them. */
function targetOf(ids: readonly WorkflowId[]): {
  readonly namespace: Namespace;
  readonly name?: WorkflowName;
} {
  const [first, ...others] = ids.map(splitWorkflowId);
  if (first === undefined) throw new Error('a job publishes something');
  if (others.every(({ name }) => name === first.name) && others.length === 0) return first;
  const { namespace } = first;
  const namespaces = [...new Set([first, ...others].map((each) => each.namespace))];
  if (namespaces.length === 1) return { namespace };
  throw new CliError('oidc.several_namespaces', 'a job publishes together what is in one namespace', {
    evidence: [`namespaces  ${namespaces.join(', ')}`],
    hint: 'publish those of each namespace in a job of its own; nothing was published',
  });
}

function boundToOne(namespace: string, name: string, others: readonly WorkflowId[]): CliError {
  return new CliError(
    'oidc.one_workflow',
    `the trusted publisher of this job is for ${namespace}/${name} alone`,
    {
      evidence: [`not for  ${others.join(', ')}`],
      hint: [
        'nothing was published; publish it by itself',
        `or have an owner add the publisher for all: sheaf namespace publisher add ${namespace} … without --only`,
      ],
    },
  );
}

/**
 * For whom a job's token must be: for this registry, by the origin that was pinned. Never by the registry's own word: it
 * could name another registry, or the account of a cloud, and use the token there. Only the user may name another.
 */
export function audienceFor(origin: string, { env }: Pick<Context, 'env'>): string {
  const named = env['SHEAF_ID_TOKEN_AUDIENCE']?.trim() ?? '';
  return named === '' ? `sheaf:${origin}` : named;
}
