/** A page that is audited, and of which there are pictures. Every page route needs at least one. */
export interface ListedPage {
  /** Unique; names its pictures. */
  readonly name: string;
  /** As the page routes have it; undefined for a page that is no route's, such as that of a problem. */
  readonly route: string | undefined;
  readonly path: string;
  readonly status?: number;
  /** Who looks at it; a stranger when it is left out. */
  readonly as?: 'owner' | 'admin';
}

/** Against what `catalogue.ts` publishes. */
export const PAGE_LIST: readonly ListedPage[] = [
  { name: 'home', route: '/', path: '/' },
  { name: 'home-signed-in', route: '/', path: '/', as: 'owner' },
  { name: 'not-found', route: undefined, path: '/acme/relase-notes', status: 404 },
  { name: 'search', route: '/search', path: '/search?q=release' },
  { name: 'search-exact', route: '/search', path: '/search?q=deploy&tag=ops' },
  { name: 'search-nothing', route: '/search', path: '/search?q=relase-notse&permission=network' },
  { name: 'browse', route: '/search', path: '/search?sort=recent' },
  { name: 'tags', route: '/tags', path: '/tags' },
  { name: 'tag', route: '/tags/:tag', path: '/tags/git' },
  { name: 'problems', route: '/errors', path: '/errors' },
  { name: 'problem', route: '/errors/:code', path: '/errors/version.exists' },
  { name: 'namespace', route: '/:namespace', path: '/acme' },
  { name: 'workflow', route: '/:namespace/:name', path: '/acme/release-notes' },
  { name: 'workflow-deprecated', route: '/:namespace/:name', path: '/relay-ops/release-train' },
  { name: 'version-yanked', route: '/:namespace/:name/:version', path: '/acme/release-notes/1.0.0' },
  { name: 'version-behind', route: '/:namespace/:name/:version', path: '/acme/release-notes/1.1.0' },
  { name: 'versions', route: '/:namespace/:name/versions', path: '/acme/release-notes/versions' },
  {
    name: 'changes',
    route: '/:namespace/:name/:version/changes',
    path: '/acme/release-notes/1.2.0/changes',
  },
  { name: 'steps', route: '/:namespace/:name/:version/steps', path: '/acme/release-notes/1.2.0/steps' },
  { name: 'files', route: '/:namespace/:name/:version/files', path: '/acme/release-notes/1.2.0/files' },
  {
    name: 'file',
    route: '/:namespace/:name/:version/files/*path',
    path: '/acme/release-notes/1.2.0/files/workflow.toml',
  },
  { name: 'account', route: '/account', path: '/account', as: 'owner' },
];
