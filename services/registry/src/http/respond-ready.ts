import { RegistryError } from '../domain/error.js';
import type { ReadyAnswer, ReadyBlob } from '../domain/reads/document.js';
import type { Reads } from '../domain/reads/reads.js';
import { blobKey, type ObjectStore } from '../objects/port.js';
import type { RequestContext } from './context.js';
import type { Rates } from './rate-limit.js';
import { PRIVATE } from './respond.js';
import { decide, type Outcome } from './respond-conditions.js';
import { contentHeaders, etagOf, validatorHeaders, type HeaderList } from './respond-headers.js';
import { conditionsOf, variantFor } from './respond-variant.js';
import { recipientOf } from './recipient.js';
import { sendBlob, sendBytes, SLICE_BYTES } from './send-blob.js';

export interface ReadyDeps {
  readonly reads: Pick<Reads, 'blobs' | 'downloads' | 'outgoing'>;
  readonly rates: Pick<Rates, 'trustedHops'>;
  readonly objects: Pick<ObjectStore, 'presign'>;
}

const POLICY = 'Content-Security-Policy';
/** How long a link to the object store works: enough to begin a download, too short to pass it on. */
const LINK_SECONDS = 300;

/**
 * Answers a GET or HEAD with something that was rendered, or with a blob, after the caller was found to be somebody who may
 * read it.
 *
 * @throws RegistryError `range.not_satisfiable`; `service.storage_down`, `service.busy` before the answer has begun
 */
export async function sendReady(deps: ReadyDeps, ctx: RequestContext, answer: ReadyAnswer): Promise<void> {
  const variant = variantFor(answer, ctx.req.headers['accept-encoding']);
  const sizeBytes = answer.kind === 'blob' ? answer.blob.sizeBytes : (variant?.body.length ?? 0);
  const outcome = decide(conditionsOf(ctx.req), etagOf(answer, variant), sizeBytes);
  if (answer.kind === 'document') ctx.vary(answer.vary);
  if (outcome.status === 416)
    throw new RegistryError('range.not_satisfiable', `the content has ${sizeBytes} bytes`, {
      headers: { 'Content-Range': `bytes */${sizeBytes}` },
    });
  if (answer.kind === 'blob' && outcome.status !== 304 && ctx.method === 'GET' && deps.objects.presign) {
    await redirect(deps, ctx, answer);
    return;
  }
  const begin = () => {
    ctx.status = outcome.status;
    // What only some may see is kept by no cache, whatever the route says of it.
    const cacheControl = ctx.state.isPrivate === true ? PRIVATE : answer.cacheControl;
    set(ctx, validatorHeaders(answer, variant, cacheControl));
    if (outcome.status === 304) {
      // A cache would put it in the place of the one that it holds (RFC 9111 §3.2).
      if (answer.kind === 'document' && Object.hasOwn(answer.headers, POLICY)) ctx.remove(POLICY);
      return;
    }
    set(ctx, contentHeaders(answer, variant));
    if (outcome.status === 206)
      ctx.set('Content-Range', `bytes ${outcome.start}-${outcome.end}/${sizeBytes}`);
    ctx.length = outcome.end - outcome.start + 1;
  };
  if (answer.kind === 'blob' && outcome.status !== 304 && ctx.method === 'GET') {
    await sendStored(deps, ctx, answer, outcome, begin);
    return;
  }
  if (outcome.status === 304 || variant === undefined) {
    begin();
    return;
  }
  const bytes = variant.body.subarray(outcome.start, outcome.end + 1);
  if (ctx.method === 'GET' && bytes.length > SLICE_BYTES) {
    await sendBytes(recipientOf(deps, ctx.res), bytes, () => {
      begin();
      takeOver(ctx);
    });
    return;
  }
  begin();
  ctx.body = bytes;
  // Koa names a type for a body by itself.
  ctx.set('Content-Type', answer.type);
}

/** From here on the bytes go to the socket as it takes them. */
export function takeOver(ctx: Pick<RequestContext, 'respond' | 'flushHeaders'>): void {
  ctx.respond = false;
  ctx.flushHeaders();
}

async function sendStored(
  deps: ReadyDeps,
  ctx: RequestContext,
  { blob, versionId }: ReadyBlob,
  part: Extract<Outcome, { readonly status: 200 | 206 }>,
  begin: () => void,
): Promise<void> {
  const { reads } = deps;
  const isTaken = await sendBlob(recipientOf(deps, ctx.res), reads.blobs, blob, part, () => {
    begin();
    takeOver(ctx);
  });
  if (isTaken && part.status === 200 && versionId !== undefined) reads.downloads.count(versionId);
}

/** Sends the caller to the object store, for the part that it asked for too. */
async function redirect(
  { objects, reads }: ReadyDeps,
  ctx: RequestContext,
  answer: ReadyBlob,
): Promise<void> {
  const link = await linkTo(objects, answer);
  if (link === undefined) return;
  ctx.set('Cache-Control', PRIVATE);
  ctx.set('Location', link);
  ctx.body = null;
  ctx.status = 302;
  if (answer.versionId !== undefined && ctx.get('Range') === '') reads.downloads.count(answer.versionId);
}

/** A link that is for one caller, and soon worthless. */
export async function linkTo(
  objects: ReadyDeps['objects'],
  { blob, type }: ReadyBlob,
): Promise<string | undefined> {
  return objects.presign?.(blobKey(blob.digest), { expiresSeconds: LINK_SECONDS, contentType: type });
}

function set(ctx: RequestContext, headers: HeaderList): void {
  for (let i = 0; i + 1 < headers.length; i += 2) ctx.set(headers[i] ?? '', headers[i + 1] ?? '');
}
