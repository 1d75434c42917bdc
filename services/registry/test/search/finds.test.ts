import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SearchResult } from '@sheaf/client/contract';
import type { SearchDatabase } from '../../src/db/search-database.js';
import type { SearchQuery } from '../../src/domain/search/query.js';
import { search as find } from '../../src/domain/search/search.js';
import { startTestRegistry, type TestRegistry } from '../support/test-registry.js';
import { call } from '../support/upload.js';
import { anchors } from './anchors.js';
import { createCorpus } from './corpus.js';
import { loadCorpus } from './load-corpus.js';

const SIZE = 20_000;
/** The machine may be busy, and the corpus is large. */
const LOADING_MS = 400_000;

let registry: TestRegistry;
let source: string;

beforeAll(async () => {
  registry = await startTestRegistry();
  const corpus = await createCorpus(SIZE);
  source = corpus.source;
  await loadCorpus(registry.db, [...corpus.entries, ...anchors], Date.now());
}, LOADING_MS);
afterAll(() => registry.close());

async function search(query: string, token?: string): Promise<SearchResult> {
  const answer = await call(registry, `/v1/workflows?${query}`, token === undefined ? {} : { token });
  expect(answer.status).toBe(200);
  return answer.json as unknown as SearchResult;
}
const idsOf = (hits: SearchResult['hits']) => hits.map(({ id }) => id);
const q = (text: string) => `q=${encodeURIComponent(text)}`;

describe('among 20,000 workflows the first hit', () => {
  test.each([
    // The exact name, whatever else has it, in any spelling of it.
    ['acme/release-notes', 'acme/release-notes'],
    ['crew/release-notes', 'crew/release-notes'],
    ['release-notes', 'acme/release-notes'],
    ['Release-Notes', 'acme/release-notes'],
    ['release_notes', 'acme/release-notes'],
    ['  release notes  ', 'acme/release-notes'],
    ['deploy', 'acme/deploy'],
    ['acme/deploy', 'acme/deploy'],
    ['gti', 'short/gti'],
    ['pre-commit', 'tools/pre-commit'],
    ['csv-to-parquet', 'data/csv-to-parquet'],
    // Written together, or apart.
    ['releasenotes', 'acme/release-notes'],
    ['ReleaseNotes', 'acme/release-notes'],
    ['precommit', 'tools/pre-commit'],
    ['GitHubMirror', 'data/github-mirror'],
    ['githubmirror', 'data/github-mirror'],
    ['csv to parquet', 'data/csv-to-parquet'],
    ['parquet csv', 'data/csv-to-parquet'],
    ['dotenv_lint', 'tools/dotenv-lint'],
    // While it is being typed.
    ['release-no', 'acme/release-notes'],
    ['wumpus-h', 'popular/wumpus-hunt'],
    ['vault r', 'tools/vault-rotate'],
    ['snorkelw', 'fresh/snorkelwacker'],
    ['dotenv-l', 'tools/dotenv-lint'],
    ['vault-rot', 'tools/vault-rotate'],
    ['licence-aud', 'acme/licence-audit'],
    ['nightly back', 'tools/nightly-backup'],
    // Namespace and name.
    ['acme release notes', 'acme/release-notes'],
    ['tools helm', 'tools/helm-diff'],
    // Words of the description in other forms.
    ['dead links documentation', 'acme/link-check'],
    ['dead link', 'acme/link-check'],
    ['draining node maintenance', 'crew/kubernetes-drain'],
    ['incompatible licences', 'acme/licence-audit'],
    ['converting columnar', 'data/csv-to-parquet'],
    ['encrypted backups off site', 'tools/nightly-backup'],
    ['what would an upgrade of the chart change', 'tools/helm-diff'],
    ['naive bayes', 'data/naive-bayes'],
    ['naïve', 'data/naive-bayes'],
    ['resumes classifier', 'data/naive-bayes'],
    // Tags.
    ['frobozz', 'legacy/new-deploy'],
    ['covert-ops compliance legal', undefined],
    ['compliance legal', 'acme/licence-audit'],
    // Parameters, permissions, README.
    ['retention_days', 'tools/nightly-backup'],
    ['how long snapshots are kept', 'tools/nightly-backup'],
    ['HASHIVAULT_ROLE', 'tools/vault-rotate'],
    ['hashivault', 'tools/vault-rotate'],
    ['zymurgical comparison', 'tools/helm-diff'],
    ['glorptube.example.com', 'data/github-mirror'],
    // Scripts without spaces, from the right, and others.
    ['术语表', 'i18n/chinese-glossary'],
    ['翻译', 'i18n/chinese-glossary'],
    ['文章を校正', 'i18n/japanese-proof'],
    ['ワークフロー', 'i18n/japanese-proof'],
    ['العربية', 'i18n/arabic-typeset'],
    ['اليمين النصوص', 'i18n/arabic-typeset'],
    ['орфографии', 'i18n/cyrillic-spell'],
    ['ОРФОГРАФИИ', 'i18n/cyrillic-spell'],
    ['ＷＵＭＰＵＳ', 'popular/wumpus-hunt'],
    // Downloads, age and deprecation decide between equals.
    ['wumpus', 'popular/wumpus-hunt'],
    ['wumpus hunts', 'popular/wumpus-hunt'],
    ['zyx', 'fresh/snorkelwacker'],
    ['frobozz mainframe', 'legacy/new-deploy'],
    // Neither emoji nor syntax is a word.
    ['🚀 snorkelwacker 🚀', 'fresh/snorkelwacker'],
    ['"dead links"', 'acme/link-check'],
    ['wumpus & hunt | !x', undefined],
    ["wumpus'); drop table search_entries; --", undefined],
    ['(wumpus)', 'popular/wumpus-hunt'],
    ['wumpus:*', 'popular/wumpus-hunt'],
    ['-wumpus', 'popular/wumpus-hunt'],
    ['wumpus\u202e\u200b', 'popular/wumpus-hunt'],
    ['wumpus %', 'popular/wumpus-hunt'],
  ])('for %j is %s', async (text, expected) => {
    const { hits } = await search(q(text));
    expect(hits[0]?.id).toBe(expected);
  });

  test.each([
    ['release', ['acme/release-notes', 'acme/release-train']],
    ['kubernetes', ['crew/kubernetes-drain', 'acme/deploy']],
    ['git release', ['acme/release-notes']],
    ['deploy kubernetes', ['acme/deploy']],
  ])('or one of the first three for %j is one of %j', async (text, expected) => {
    const { hits } = await search(q(text));
    expect(idsOf(hits.slice(0, 3)).filter((id) => expected.includes(id))).not.toEqual([]);
  });
});

describe('a misspelled name', () => {
  test.each([
    ['relase-notes', 'acme/release-notes'],
    ['release-ntoes', 'acme/release-notes'],
    ['relase ntoes', 'acme/release-notes'],
    ['reelease-notes', 'acme/release-notes'],
    ['rekease-notes', 'acme/release-notes'],
    ['wmupus-hunt', 'popular/wumpus-hunt'],
    ['wumpushnut', 'popular/wumpus-hunt'],
    ['snorkelwakcer', 'fresh/snorkelwacker'],
    ['snorklewakcer', 'fresh/snorkelwacker'],
    ['snrkelwackr', 'fresh/snorkelwacker'],
    ['dotenvlnit', 'tools/dotenv-lint'],
    ['kuberentes-drain', 'crew/kubernetes-drain'],
    ['vualt-rotate', 'tools/vault-rotate'],
    ['csv-to-praquet', 'data/csv-to-parquet'],
    ['lnik-check', 'acme/link-check'],
    ['licence adit', 'acme/licence-audit'],
    ['gtii', 'short/gti'],
  ])('%j is near %s', async (text, expected) => {
    const { hits, near } = await search(q(text));
    expect(hits).toEqual([]);
    expect(near[0]?.id).toBe(expected);
  });

  test('brings nothing near when something matches', async () => {
    expect((await search(q('wumpus'))).near).toEqual([]);
  });
});

describe('odd texts', () => {
  test.each([
    ['nothing', ''],
    ['spaces', '   '],
    ['200 characters', 'wumpus '.repeat(40).slice(0, 200)],
    ['200 letters', 'w'.repeat(200)],
    ['200 quotes', "'".repeat(200)],
    ['200 backslashes', '\\'.repeat(200)],
    ['200 hyphens', '-'.repeat(200)],
    ['operators', '& | ! ( ) <-> :* :A'],
    ['only emoji', '🚀🔥👩‍👩‍👧'],
    ['SQL', "' or 1=1; drop table workflows; --"],
    ['wildcards', '%_%'],
    ['one letter', 'a'],
    ['stop words', 'the of and to'],
    ['a very common word', 'library'],
    ['common words', 'library for the files and data'],
    ['sixteen words', Array.from({ length: 16 }, (_, i) => `word${i}`).join(' ')],
    ['forty words', 'a b c d e '.repeat(8)],
    ['marks without letters', '\u0301'.repeat(100)],
    ['right to left marks', '\u202e\u202d\u2066'],
    ['JSON', '{"a":["b"]}'],
    ['a path', '../../etc/passwd'],
  ])('%s are answered', async (_title, text) => {
    const { hits, total } = await search(q(text));
    expect(total).toBeLessThanOrEqual(1000);
    expect(hits.length).toBeLessThanOrEqual(20);
  });

  test.each([
    ['q=%00', /NUL/],
    [q('x'.repeat(201)), /200/],
    ['q=a&q=b', /more than once/],
    ['colour=red', /not a parameter/],
    ['limit=0', />= 1/],
    ['limit=101', /<= 100/],
    ['limit=1e1', /integer/],
    ['sort=best', /sort/],
    ['state=yanked', /state/],
    ['permission=fly', /permission/],
    ['owner=No_Such', /owner/],
    ['cursor=', /cursor/],
    ['cursor=WyJ4Il0', /cursor/],
    [Array.from({ length: 11 }, () => 'tag=a').join('&'), /tag/],
  ])('%s is refused', async (query, detail) => {
    const answer = await call(registry, `/v1/workflows?${query}`);
    expect([answer.status, answer.json['code']]).toEqual([400, 'request.invalid']);
    expect(String(answer.json['detail'])).toMatch(detail);
  });
});

describe('filters', () => {
  test.each([
    ['tag=frobozz', ['legacy/new-deploy', 'legacy/old-deploy']],
    ['tag=git&tag=release', ['acme/release-notes']],
    ['owner=acme&tag=docs', ['acme/link-check']],
    ['license=EUPL-1.2&q=notes', ['acme/release-notes']],
    ['license=eupl-1.2&q=notes', ['acme/release-notes']],
    ['owner=tools&permission=secrets', ['tools/vault-rotate']],
    ['owner=data&permission=network', ['data/github-mirror']],
    ['tag=frobozz&state=deprecated', ['legacy/old-deploy']],
    ['tag=frobozz&state=active', ['legacy/new-deploy']],
    ['q=deploy&owner=legacy&state=deprecated', ['legacy/old-deploy']],
    ['q=legacy/old-deploy&state=active', []],
    ['tag=quixotryxian', []],
    ['tag=covert-ops', []],
    ['owner=secretive', []],
    ['tag=%27%20%7C%20%27', []],
  ])('%s find exactly %j', async (query, expected) => {
    expect(idsOf((await search(query)).hits)).toEqual(expected);
  });
});

test('what is yanked, quarantined or private is found by nobody who may not see it', async () => {
  for (const text of [
    'quixotryxian',
    'yanked-thing',
    'legacy/quarantined-thing',
    'hidden-plan',
    'secretive/hidden-plan',
    'hiden-plan',
    'covert-ops',
  ]) {
    const { hits, near } = await search(q(text));
    expect(
      idsOf([...hits, ...near]).filter((id) => /^(?:secretive|legacy\/(?:yanked|quarantined))/.test(id)),
    ).toEqual([]);
  }
  const found = await search(`${q('deploy')}&limit=100`);
  expect(found.hits.filter(({ id }) => id.startsWith('secretive/'))).toEqual([]);
  expect(found.facets?.owners.map(({ value }) => value)).not.toContain('secretive');
});

test('members find what is private, and nothing else that is', async () => {
  const token = await registry.addUser('member');
  await sql`
    insert into members (namespace_id, user_id, role)
    select n.id, u.id, 'reader' from namespaces n, users u where n.name = 'secretive' and u.name = 'member'`.execute(
    registry.db,
  );
  expect(idsOf((await search(q('quixotryxian'), token)).hits)).toEqual(['secretive/hidden-plan']);
  expect(idsOf((await search(q('hiden-plan'), token)).near)).toEqual(['secretive/hidden-plan']);
  expect(idsOf((await search('owner=secretive', token)).hits).toSorted()).toEqual([
    'secretive/deploy',
    'secretive/hidden-plan',
  ]);
  expect(idsOf((await search(q('secretive/deploy'), token)).hits)[0]).toBe('secretive/deploy');
  expect(idsOf((await search(q('deploy'), token)).hits).slice(0, 2)).toEqual([
    'acme/deploy',
    'secretive/deploy',
  ]);
  const all = await search('limit=100', token);
  expect(all.hits.filter(({ id }) => id.startsWith('private-'))).toEqual([]);
  expect(idsOf((await search(q('quixotryxian'), registry.ownerToken)).hits)).toEqual([
    'secretive/hidden-plan',
  ]);
});

test('a hit is marked as the exact name, and shows where the words were found', async () => {
  const { hits } = await search(q('deploy'));
  expect(hits[0]).toMatchObject({
    id: 'acme/deploy',
    exactName: true,
    version: '1.1.0',
    downloads: 90_000,
    state: 'active',
    permissionKinds: ['exec', 'read'],
    highlights: {
      id: [
        ['acme/', false],
        ['deploy', true],
      ],
      description: [
        ['Deploy', true],
        [' a service to a Kubernetes cluster', false],
      ],
    },
  });
  expect((await search(q('kubernet'))).hits.find(({ id }) => id === 'acme/deploy')?.highlights).toEqual({
    description: [
      ['Deploy a service to a ', false],
      ['Kubernetes', true],
      [' cluster', false],
    ],
    tags: ['kubernetes'],
  });
});

test('facets count what was found, most frequent first', async () => {
  const { facets, total, totalIsExact } = await search('tag=frobozz');
  expect({ facets, total, totalIsExact }).toEqual({
    total: 2,
    totalIsExact: true,
    facets: {
      tags: [{ value: 'frobozz', workflows: 2 }],
      owners: [{ value: 'legacy', workflows: 2 }],
      licenses: [{ value: 'MIT', workflows: 2 }],
      permissions: [
        { value: 'exec', workflows: 2 },
        { value: 'read', workflows: 2 },
      ],
      states: [
        { value: 'active', workflows: 1 },
        { value: 'deprecated', workflows: 1 },
      ],
    },
  });
});

test.each([
  'library',
  'network',
  'python',
  'l',
  'li',
  'shared library',
  'python module',
  'library wumpus',
  'vault r',
  'the of',
  'release notes',
])('what is quickest to look at for %j holds what would come first of it all', async (text) => {
  const asked = { text, tags: [], sort: 'relevance', limit: 20 } as const;
  const quick = await find(registry.deps, { ...asked, readable: [] });
  // Who sees anything private has all of it looked at in one statement.
  const whole = await find(registry.deps, { ...asked, readable: ['nobody'] });
  expect(idsOf(quick.hits)).toEqual(idsOf(whole.hits));
  expect([quick.total, quick.totalIsExact]).toEqual([whole.total, whole.totalIsExact]);
});

test('more matches than are looked at are said to be more', async () => {
  const { total, totalIsExact } = await search('permission=exec');
  expect([total, totalIsExact]).toEqual([1000, false]);
});

describe('order', () => {
  const seen = async (sort: string) => (await search(`tag=git&limit=100&sort=${sort}`)).hits;

  test('by downloads is highest first', async () => {
    const counts = (await seen('downloads')).map(({ downloads }) => downloads);
    expect(counts).toEqual(counts.toSorted((a, b) => b - a));
  });
  test('by time is newest first', async () => {
    const times = (await seen('recent')).map(({ publishedAt }) => publishedAt);
    expect(times).toEqual(times.toSorted().reverse());
  });
  test('by name is of the alphabet', async () => {
    const names = (await seen('name')).map(({ id }) => id.split('/').reverse().join(' '));
    expect(names).toEqual(names.toSorted());
  });
});

describe('pages', () => {
  async function walk(query: string, pages: number): Promise<string[]> {
    const ids: string[] = [];
    let cursor = '';
    for (let page = 0; page < pages; page += 1) {
      const { hits, nextCursor, facets } = await search(`${query}${cursor}`);
      expect(facets === undefined).toBe(page > 0);
      ids.push(...idsOf(hits));
      if (nextCursor === undefined) return ids;
      cursor = `&cursor=${nextCursor}`;
    }
    return ids;
  }

  test.each(['relevance', 'downloads', 'recent', 'name'])(
    'by %s follow each other without gaps',
    async (sort) => {
      for (const what of ['', '&tag=python', '&q=python']) {
        const long = await walk(`limit=60${what}&sort=${sort}`, 1);
        const short = await walk(`limit=7${what}&sort=${sort}`, 9);
        expect(short.slice(0, 60)).toEqual(long);
        expect(new Set(short).size).toBe(short.length);
      }
    },
  );

  test('of everything reach everything, beyond what one query looks at', async () => {
    const ids = await walk('limit=100&sort=name', 1000);
    const { rows } = await sql<{
      count: number;
    }>`select count(*)::int4 as count from search_entries where shelf <> 9`.execute(registry.db);
    expect(ids.length).toBe(rows[0]?.count);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('a cursor belongs to its search', async () => {
    const { nextCursor = '' } = await search(q('python'));
    const answer = await call(registry, `/v1/workflows?${q('perl')}&cursor=${nextCursor}`);
    expect(answer.status).toBe(400);
  });

  test('what is published between two pages moves nothing', async () => {
    const first = await search('tag=i18n&sort=recent&limit=2');
    const rest = `tag=i18n&sort=recent&limit=2&cursor=${first.nextCursor ?? ''}`;
    const before = await search(rest);
    const [model] = anchors;
    if (!model) throw new Error('there are no anchors');
    const late = { ...model, name: 'late', facts: { ...model.facts, tags: ['i18n'] }, ageDays: 0 };
    await loadCorpus(registry.db, [late], Date.now());
    expect(idsOf((await search('tag=i18n&sort=recent')).hits)[0]).toBe('acme/late');
    const after = await search(rest);
    expect([idsOf(after.hits), after.total]).toEqual([idsOf(before.hits), before.total]);
  });
});

test('tags are counted as search shows them, page by page', async () => {
  const { rows } = await sql<{ tag: string; workflows: number }>`
    select substr(f, 2) as tag, count(*)::int4 as workflows from search_entries e, string_to_table(e.facets, E'\t') f
    where e.shelf <> 9 and f like 't%' group by f order by workflows desc, substr(f, 2) collate "C"`.execute(
    registry.db,
  );
  const tags: unknown[] = [];
  let cursor = '';
  do {
    const answer = await call(registry, `/v1/tags?limit=400${cursor}`);
    tags.push(...(answer.json['tags'] as unknown[]));
    cursor = answer.json['nextCursor'] === undefined ? '' : `&cursor=${answer.json['nextCursor'] as string}`;
  } while (cursor !== '');
  expect(tags).toEqual(rows);
});

describe('the work of a query', () => {
  interface Node {
    readonly 'Node Type': string;
    readonly 'Actual Rows': number;
    readonly 'Rows Removed by Filter'?: number;
    readonly 'Shared Hit Blocks': number;
    readonly 'Shared Read Blocks': number;
    readonly Plans?: readonly Node[];
  }
  const nodesOf = (node: Node): readonly Node[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

  // Explaining a statement with values would show a plan made for them, which is not the one that searches use.
  beforeAll(async () => {
    await sql`
      create function explain_generic(statement text, literals text) returns json language plpgsql as $$
      declare plan json;
      begin
        execute 'prepare explained as ' || statement;
        execute 'explain (analyze, buffers, format json) execute explained (' || literals || ')' into plan;
        deallocate explained;
        return plan;
      end $$`.execute(registry.db);
  });

  /** Plans and runs what a search would run, on the same connections. */
  async function explain(query: Partial<SearchQuery>): Promise<readonly Node[]> {
    const plans: Node[] = [];
    const { searchDb } = registry.deps;
    const explaining: SearchDatabase = {
      ...searchDb,
      query: async ({ name, text }, values) => {
        const literals = (values as readonly (string | number | boolean | null)[]).map((value) =>
          value === null ? 'null' : `'${String(value).replaceAll("'", "''")}'`,
        );
        const [row] = await searchDb.query<{ plan: readonly { readonly Plan: Node }[] }>(
          { name: 'explain', text: 'select explain_generic($1, $2) as plan' },
          [text, literals.join(', ')],
        );
        for (const { Plan } of row?.plan ?? []) plans.push(Plan);
        return searchDb.query({ name, text }, values);
      },
    };
    await find(
      { ...registry.deps, searchDb: explaining },
      { text: '', tags: [], sort: 'relevance', limit: 100, readable: [], ...query },
    );
    return plans.flatMap(nodesOf);
  }

  test.each<[string, Partial<SearchQuery>]>([
    ['everything', {}],
    ['everything, for an administrator', { readable: 'all' }],
    ['one letter', { text: 'l' }],
    ['two letters', { text: 'li' }],
    ['a very common word', { text: 'library' }],
    ['two very common words', { text: 'library data' }],
    [
      'sixteen common words',
      {
        text: 'library for files data and python module perl documentation development common tools support text system game',
      },
    ],
    ['a common filter', { permission: 'read' }],
    ['a common filter by time', { permission: 'read', sort: 'recent' }],
    ['everything by name', { sort: 'name' }],
    ['a rare word of a common owner', { text: 'library wumpus', owner: 'libs-acorn' }],
    ['many misspelled words', { text: 'libary pyhton modul documentaton developmnt comon' }],
    ['200 letters', { text: 'abcdefgh'.repeat(25) }],
    ['letters that occur in most names', { text: 'libpythonperl' }],
  ])('for %s is bounded', async (_title, query) => {
    const nodes = await explain(query);
    const touched = nodes
      .filter(
        (node) =>
          /Heap Scan|Index Scan|Seq Scan/.test(node['Node Type']) &&
          !node['Node Type'].startsWith('Bitmap Index'),
      )
      .reduce((sum, node) => sum + node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0), 0);
    const roots = nodes.filter((node) => node['Node Type'] === 'Result' || node['Node Type'] === 'Limit');
    const blocks = Math.max(
      0,
      ...roots.map((node) => node['Shared Hit Blocks'] + node['Shared Read Blocks']),
    );
    expect(nodes.filter((node) => node['Node Type'] === 'Seq Scan')).toEqual([]);
    // The candidates and the page; for what nothing matches, the names of the two best shelves.
    expect(touched).toBeLessThanOrEqual(10_000);
    expect(blocks).toBeLessThanOrEqual(12_000);
    expect(blocks).toBeGreaterThan(0);
  });

  test('is cut off after two seconds, and leaves no trace on the connection', async () => {
    const { searchDb } = registry.deps;
    await expect(searchDb.query({ name: 'sleep', text: 'select pg_sleep(3)' }, [])).rejects.toThrow(
      /statement timeout/,
    );
    expect((await search(q('wumpus'))).hits[0]?.id).toBe('popular/wumpus-hunt');
  });
});

test('the descriptions are those of Debian where apt has them', () => {
  expect(['debian', 'generated']).toContain(source);
});
