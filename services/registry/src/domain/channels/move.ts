import type { ChannelDocument } from '@sheaf/client/contract';
import { findWorkflowId, type WorkflowRef } from '../../db/workflow-queries.js';
import { findNamespace } from '../../db/namespace-queries.js';
import type { Version } from '@sheaf/workflow';
import { authorize } from '../access/authorization.js';
import type { Caller } from '../access/principal.js';
import { RegistryError } from '../error.js';
import { assertLogOpen, settleLog, type SettleDeps } from '../log/settle.js';
import { getPublished } from '../workflows/documents.js';
import { getChannelDocument } from './documents.js';
import { parseChannelName } from './name.js';
import { recordChannelMove, type ChannelMove } from './record-move.js';

/** So many moves are shown with the answer to one. */
const SHOWN_MOVES = 10;

/**
 * Points a channel at a version that can be resolved. The move is an event of the log; the same again changes nothing and
 * is a success. With `isNeverBack` one that points to a higher version stays where it is.
 *
 * @throws RegistryError `channel.name_refused`, `channel.limit`, `workflow.not_found`, `version.not_found`,
 *   `state.conflict` for a version that is withheld, taken back or refused; `service.log_lagging`, and what `authorize` throws
 */
export async function setChannel(
  deps: SettleDeps,
  caller: Caller,
  ref: WorkflowRef,
  request: { readonly channel: string; readonly version: Version } & Pick<ChannelMove, 'isNeverBack'>,
): Promise<ChannelDocument> {
  const { principal } = caller;
  authorize(principal, 'channel.move', { namespace: ref.namespace, workflow: ref.name });
  const channel = parseChannelName(request.channel);
  const version = await getPublished(deps.db, { ...ref, version: request.version });
  const state = version.revoked === null ? version.state : 'revoked';
  if (state !== 'active' && state !== 'deprecated')
    throw new RegistryError('state.conflict', `${request.version} is ${state}: no channel may point there`);
  return move(deps, ref, {
    principal,
    requestId: caller.requestId,
    channel,
    to: { id: version.id, version: request.version },
    ...(request.isNeverBack === true && { isNeverBack: true }),
  });
}

/**
 * Removes a channel that was set by hand; `latest` follows again. One that is not set by hand is left as it is.
 *
 * @throws RegistryError `workflow.not_found`, `channel.not_found`, `service.log_lagging`, and what `authorize` throws
 */
export async function removeChannel(
  deps: SettleDeps,
  caller: Caller,
  ref: WorkflowRef,
  text: string,
): Promise<ChannelDocument> {
  const { principal } = caller;
  authorize(principal, 'channel.move', { namespace: ref.namespace, workflow: ref.name });
  const channel = parseChannelName(text);
  // One that never was is told apart from one that is gone.
  await getChannelDocument(deps.db, ref, channel, { before: undefined, limit: 1 });
  return move(deps, ref, { principal, requestId: caller.requestId, channel, to: undefined });
}

async function move(
  deps: SettleDeps,
  ref: WorkflowRef,
  asked: Pick<ChannelMove, 'principal' | 'requestId' | 'channel' | 'to' | 'isNeverBack'>,
): Promise<ChannelDocument> {
  const namespace = await findNamespace(deps.db, ref.namespace);
  const workflowId = namespace && (await findWorkflowId(deps.db, namespace.id, ref.name));
  if (!namespace || workflowId === undefined)
    throw new RegistryError('workflow.not_found', `there is no workflow ${ref.namespace}/${ref.name}`);
  const { realm } = namespace;
  await assertLogOpen(deps, realm);
  const subject = await deps.db
    .transaction()
    .execute((trx) => recordChannelMove(trx, { ...asked, ...ref, workflowId, realm }));
  await settleLog(deps, realm, subject);
  return getChannelDocument(deps.db, ref, asked.channel, { before: undefined, limit: SHOWN_MOVES });
}
