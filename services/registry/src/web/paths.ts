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
  version: (namespace: string, name: string, version: string) => `/${e(namespace)}/${e(name)}/${e(version)}`,
  problems: () => '/errors',
  problem: (code: string) => `/errors/${e(code)}`,
  account: () => '/account',
  signIn: (returnTo: string) => `/auth/login?return=${e(returnTo)}`,
  signOut: () => '/auth/logout',
} as const;

/** In the order in which it is given; what is empty is left out. */
function queryText(query: Query): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    [value ?? []].flat().flatMap((text) => (text === '' ? [] : [`${e(name)}=${e(text)}`])),
  );
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}
