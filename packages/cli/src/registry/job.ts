import { obtainJobKey, type PackedWorkflow } from '@sheaf/client';
import { splitWorkflowId } from '@sheaf/workflow';
import type { Context } from '../frame/context.js';
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
 * of an hour.
 *
 * @param origin the registry's origin, as pinned
 * @throws CliError `oidc.token_missing`; ClientError a code of `oidc.…`
 */
export async function openJob(
  context: Context,
  session: Session,
  work: { readonly source: IdentitySource; readonly packed: PackedWorkflow; readonly origin: string },
): Promise<Job> {
  const { source, packed, origin } = work;
  const { signal } = context;
  const token = await readIdentityToken(source, audienceFor(origin, context), signal);
  const target = splitWorkflowId(packed.bundle.definition.id);
  const { key, exchanged } = await obtainJobKey(session.client, { origin, token, ...target }, { signal });
  const client = await connect(context, session, { token: exchanged.token });
  context.ui.say(
    `this job may publish ${packed.bundle.definition.id} until ${exchanged.expiresAt.slice(11, 16)} UTC: its key is at log #${exchanged.logIndex}`,
  );
  return {
    key: { label: 'this CI job', key },
    session: { ...session, client, token: () => Promise.resolve(exchanged.token) },
    close: () => client.close(),
  };
}

/**
 * For whom a job's token must be: for this registry, by the origin that was pinned. Never by the registry's own word: it
 * could name another registry, or the account of a cloud, and use the token there. Only the user may name another.
 */
export function audienceFor(origin: string, { env }: Pick<Context, 'env'>): string {
  const named = env['SHEAF_ID_TOKEN_AUDIENCE']?.trim() ?? '';
  return named === '' ? `sheaf:${origin}` : named;
}
