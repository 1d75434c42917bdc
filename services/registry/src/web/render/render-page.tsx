import { renderToString } from 'preact-render-to-string';
import type { Assets } from '../assets/assets.js';
import { Document } from '../components/document.js';
import type { Page, Site } from '../page.js';

/** The whole page as HTML. */
export function renderPage(assets: Assets, site: Site, page: Page): string {
  return `<!doctype html>${renderToString(<Document assets={assets} site={site} page={page} />)}\n`;
}
