const e = encodeURIComponent;

type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Addresses of the pages, built in one place. Every argument is percent-encoded. */
export const pages = {
  home: () => '/',
  search: (query: Query = {}) => `/search${queryText(query)}`,
  tags: (cursor?: string) => `/tags${queryText({ cursor })}`,
  tag: (tag: string) => `/tags/${e(tag)}`,
  namespace: (namespace: string) => `/${e(namespace)}`,
  workflow: (namespace: string, name: string) => `/${e(namespace)}/${e(name)}`,
  /** Of an id such as `acme/deploy`. */
  workflowOf: (id: string) => `/${id.split('/').map(e).join('/')}`,
  version: at,
  versions: (namespace: string, name: string) => `/${e(namespace)}/${e(name)}/versions`,
  steps: (namespace: string, name: string, version: string) => `${at(namespace, name, version)}/steps`,
  /** What became of it since the version before, or since another one. */
  changes: (namespace: string, name: string, version: string, since?: string) =>
    `${at(namespace, name, version)}/changes${queryText({ since })}`,
  files: (namespace: string, name: string, version: string) => `${at(namespace, name, version)}/files`,
  file: (namespace: string, name: string, version: string, path: string) =>
    `${at(namespace, name, version)}/files/${path.split('/').map(e).join('/')}`,
  problems: () => '/errors',
  problem: (code: string) => `/errors/${e(code)}`,
  account: () => '/account',
  tokens: () => '/account/tokens',
  revokeToken: () => '/account/tokens/revoke',
  signIn: (returnTo: string) => `/auth/login?return=${e(returnTo)}`,
  signOut: () => '/auth/logout',
} as const;

function at(namespace: string, name: string, version: string): string {
  return `/${e(namespace)}/${e(name)}/${e(version)}`;
}

/** In the order in which it is given; what is empty is left out. */
function queryText(query: Query): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    [value ?? []].flat().flatMap((text) => (text === '' ? [] : [`${e(name)}=${e(text)}`])),
  );
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}
