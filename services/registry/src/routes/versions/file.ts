import { createHash } from 'node:crypto';
import type { AppDeps } from '../../app-deps.js';
import { getFile, isText } from '../../domain/reads/bundle-views.js';
import { readyDocument } from '../../domain/reads/document.js';
import { getObtainable } from '../../domain/workflows/documents.js';
import type { Handler } from '../../http/context.js';
import { REVALIDATE } from '../../http/respond.js';
import { sendReady } from '../../http/respond-ready.js';
import { openBundle } from '../opened-bundle.js';
import { readableVersion } from '../readable.js';

/** Nothing of a file is ever run, whatever a browser takes it for. */
const FILE_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'";

/** `GET …/{version}/files/{path}`: one file of the bundle, as text where it is text. */
export function showFile(deps: AppDeps): Handler {
  return async (ctx) => {
    const ref = await readableVersion(deps, ctx);
    const { source } = await getObtainable(deps.db, ref);
    const { path, bytes } = getFile(await openBundle(deps, ctx, source), ctx.params['path'] ?? '');
    const type = isText(bytes) ? 'text/plain; charset=utf-8' : 'application/octet-stream';
    const name = encodeURIComponent(path.slice(path.lastIndexOf('/') + 1));
    const { route = 'none' } = ctx.state;
    await sendReady(
      deps,
      ctx,
      await readyDocument(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), {
        route,
        type,
        cacheControl: REVALIDATE,
        headers: {
          'Content-Security-Policy': FILE_POLICY,
          'Content-Disposition': `attachment; filename*=UTF-8''${name.replace(/['()*]/g, percentEncode)}`,
        },
        // Bundle and path name the bytes, so that a part of a large file costs no hash of all of it.
        tag: createHash('sha256').update(`${source.digest}\0${path}`).digest('hex').slice(0, 32),
        isCompressible: false,
      }),
    );
  };
}

/** What RFC 8187 wants encoded beyond `encodeURIComponent`. */
function percentEncode(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
