import { RegistryError } from '../../domain/error.js';
import type { RequestContext } from '../../http/context.js';
import type { PublicUrlDeps } from '../../http/public-url.js';
import { readBody } from '../../http/read-body.js';
import { assertFormToken, FORM_TOKEN_FIELD } from './form-token.js';

const FORM_LIMIT_BYTES = 64 * 1024;
const MAX_FIELDS = 200;

/** The fields of a form; a field that was not sent is empty. */
export interface Form {
  text(name: string): string;
  /** Of a field that may be sent several times, such as check boxes. */
  all(name: string): readonly string[];
}

/**
 * Reads a form that a page of this session has sent, at most 64 KiB.
 *
 * @throws RegistryError `request.unsupported_media_type`, `request.too_large`, `request.invalid`, `auth.cross_site`
 */
export async function readForm(deps: PublicUrlDeps, ctx: RequestContext): Promise<Form> {
  if (!ctx.is('application/x-www-form-urlencoded'))
    throw new RegistryError('request.unsupported_media_type', 'a form is application/x-www-form-urlencoded');
  const body = await readBody(ctx, FORM_LIMIT_BYTES);
  const fields = new URLSearchParams(body.toString('utf8'));
  if (fields.size > MAX_FIELDS) throw new RegistryError('request.invalid', 'the form has too many fields');
  assertFormToken(deps, ctx, fields.get(FORM_TOKEN_FIELD) ?? undefined);
  return { text: (name) => fields.get(name) ?? '', all: (name) => fields.getAll(name) };
}
