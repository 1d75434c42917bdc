import type { AppDeps } from '../../app-deps.js';
import { RegistryError } from '../../domain/error.js';
import { getReadme } from '../../domain/reads/bundle-views.js';
import { getObtainable } from '../../domain/workflows/documents.js';
import type { VersionRef } from '../../db/workflow-queries.js';
import type { RequestContext } from '../../http/context.js';
import { openBundle } from '../../routes/opened-bundle.js';
import { pages } from '../paths.js';

const PREFIX = 'readme-';

/** The README of a version as part of a page: HTML that does nothing. Undefined where there is none, or nobody may have the bundle. */
export async function loadReadme(
  deps: Pick<AppDeps, 'db' | 'reads' | 'rates'>,
  ctx: RequestContext,
  ref: VersionRef,
): Promise<string | undefined> {
  try {
    const { source } = await getObtainable(deps.db, ref);
    const { path, bytes } = getReadme(await openBundle(deps, ctx, source));
    // Loaded with the first README that is shown.
    const { renderMarkdown, renderPlainText } = await import('../../domain/reads/markdown.js');
    const text = new TextDecoder().decode(bytes);
    if (/\.txt$/i.test(path)) return renderPlainText(text);
    return renderMarkdown(text, {
      files: `${pages.files(ref.namespace, ref.name, ref.version)}/`,
      part: { lower: 1, prefix: PREFIX },
    });
  } catch (error) {
    if (error instanceof RegistryError && MISSING.has(error.code)) return undefined;
    throw error;
  }
}

const MISSING = new Set(['file.not_found', 'state.quarantined']);
