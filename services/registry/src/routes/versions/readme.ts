import { routes } from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import { getReadme } from '../../domain/reads/bundle-views.js';
import { workflowTags } from '../../domain/reads/touch.js';
import { getObtainable } from '../../domain/workflows/documents.js';
import type { Handler } from '../../http/context.js';
import { REVALIDATE } from '../../http/respond.js';
import { openBundle } from '../opened-bundle.js';
import { readableVersion } from '../readable.js';
import { answerDocument } from '../readable-answers.js';

/** A page that may do nothing at all, not even in a window of its own. */
const PAGE_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'";

/** `GET …/{version}/readme`: the README as HTML, or as it was written for whoever prefers `text/markdown`. */
export function showReadme(deps: AppDeps): Handler {
  return async (ctx) => {
    const ref = await readableVersion(deps, ctx);
    const { namespace, name, version } = ref;
    const isRaw = ctx.accepts('text/html', 'text/markdown') === 'text/markdown';
    await answerDocument(deps, ctx, {
      // Two answers for one path: neither is held under the path itself, where no header is looked at.
      path: `${isRaw ? 'markdown' : 'html'} ${routes.readme(namespace, name, version)}`,
      tags: workflowTags(namespace, name),
      type: `text/${isRaw ? 'markdown' : 'html'}; charset=utf-8`,
      cacheControl: REVALIDATE,
      form: { varies: ['Accept'], headers: { 'Content-Security-Policy': PAGE_POLICY } },
      render: async () => {
        const { source } = await getObtainable(deps.db, ref);
        const { path, bytes } = getReadme(await openBundle(deps, ctx, source));
        if (isRaw) return Buffer.from(bytes);
        // Loaded with the first README that is shown.
        const { renderMarkdown, renderPlainText } = await import('../../domain/reads/markdown.js');
        const text = new TextDecoder().decode(bytes);
        return Buffer.from(/\.txt$/i.test(path) ? renderPlainText(text) : renderMarkdown(text));
      },
    });
  };
}
