import { RegistryError } from '../../domain/error.js';
import type { RequestContext } from '../../http/context.js';

/** The number of an invitation in the path. @throws RegistryError `invitation.not_found` */
export function invitationId(ctx: RequestContext): number {
  const text = ctx.params['id'] ?? '';
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new RegistryError('invitation.not_found', 'there is no such invitation');
}
