import { describe, expect, it } from 'vitest';
import type { SearchHit } from '@sheaf/client/contract';
import { COLOURED, PLAIN } from '../terminal/style.js';
import { renderSearch } from './search.js';

const HIT: SearchHit = {
  id: 'acme/release-notes',
  version: '1.2.0',
  description: 'Write release notes',
  tags: ['git', 'release'],
  state: 'active',
  permissionKinds: ['network', 'exec'],
  publishedAt: '2026-03-01T00:00:00Z',
  downloads: 12,
};
const FOUND = {
  query: 'notes',
  filters: [],
  sort: 'relevance' as const,
  showsFacets: false,
  total: 1,
  totalIsExact: true,
  hits: [HIT],
  near: [],
};
const TERMINAL = { columns: 100, style: PLAIN, talkStyle: PLAIN, nowMs: 0 };
const PIPE = { ...TERMINAL, columns: undefined };

describe('what was found', () => {
  it('is a line each on a terminal, with the state of what is deprecated', () => {
    const old: SearchHit = { ...HIT, id: 'acme/old', state: 'deprecated' };
    expect(renderSearch({ ...FOUND, hits: [HIT, old], total: 2 }, TERMINAL).answer).toBe(
      [
        'acme/release-notes  1.2.0  Write release notes  network exec',
        'acme/old            1.2.0  Write release notes  network exec  deprecated',
      ].join('\n'),
    );
  });

  it('is fields between tabs in a pipe, uncut', () => {
    expect(renderSearch(FOUND, PIPE).answer).toBe(
      'acme/release-notes\t1.2.0\tactive\t2026-03-01T00:00:00Z\tnetwork,exec\tgit,release\tWrite release notes',
    );
  });

  it('marks in the name what matched, and only where the pieces are the name', () => {
    const marked = (pieces: [string, boolean][]) =>
      renderSearch(
        { ...FOUND, hits: [{ ...HIT, highlights: { id: pieces } }] },
        { ...TERMINAL, style: COLOURED },
      ).answer;
    const cyan = COLOURED.cyan('notes');
    expect(
      marked([
        ['acme/release-', false],
        ['notes', true],
      ]),
    ).toContain(cyan);
    expect(
      marked([
        ['evil/other-', false],
        ['notes', true],
      ]),
    ).not.toContain(cyan);
  });

  it('says how to go on, and that there may be more than were counted', () => {
    const page = { ...FOUND, total: 1000, totalIsExact: false, nextCursor: 'abc' };
    expect(renderSearch(page, TERMINAL).talk).toBe(
      'showing 1 of 1,000 workflows or more; next: the same with --cursor abc',
    );
    expect(renderSearch({ ...page, total: 41, totalIsExact: true }, PIPE).talk).toContain('of 41 workflows;');
    expect(renderSearch(FOUND, TERMINAL).talk).toBe('');
  });

  it('escapes what a registry sent', () => {
    const hit: SearchHit = { ...HIT, description: 'x\u001b[31m\u202e', tags: ['a\tb'] };
    for (const look of [TERMINAL, PIPE]) {
      const { answer = '' } = renderSearch({ ...FOUND, hits: [hit] }, look);
      expect(answer).not.toContain('\u001b');
      expect(answer).not.toContain('\u202e');
    }
  });
});

describe('facets', () => {
  const facets = {
    tags: [
      { value: 'git', workflows: 12 },
      { value: 'ops', workflows: 3 },
    ],
    owners: [],
    licenses: [{ value: 'MIT\u001b', workflows: 2 }],
    permissions: [],
    states: [{ value: 'active', workflows: 15 }],
  };

  it('stand after the answer, apart from it, when they are asked for', () => {
    const { answer, epilogue = '' } = renderSearch({ ...FOUND, facets, showsFacets: true }, PIPE);
    expect(answer).not.toContain('git 12');
    expect(epilogue.split('\n').slice(0, 1)).toEqual(['tag         git 12 · ops 3']);
    expect(epilogue).not.toContain('\u001b');
    expect(epilogue).not.toContain('owner');
  });

  it('are left out otherwise', () => {
    expect(renderSearch({ ...FOUND, facets }, TERMINAL).epilogue).toBeUndefined();
  });
});

it('names what is near when nothing matches, and the filters that excluded all', () => {
  const none = { ...FOUND, hits: [], total: 0, near: [HIT], filters: ['--tag git'] };
  expect(renderSearch(none, TERMINAL).talk).toBe(
    'no workflow matches "notes" with --tag git; near it:\nacme/release-notes  1.2.0  Write release notes  network exec',
  );
});

it('says how to search without the filters that excluded all, when nothing is near', () => {
  const none = { ...FOUND, query: 'release n$', hits: [], total: 0, filters: ['--tag git'] };
  expect(renderSearch(none, PIPE).talk).toBe(
    'no workflow matches "release n$" with --tag git; without them: sheaf search release \'n$\'',
  );
  expect(renderSearch({ ...none, filters: [] }, PIPE).talk).toBe('no workflow matches "release n$"');
});

it('keeps name and state on a narrow terminal', () => {
  const old: SearchHit = { ...HIT, state: 'yanked' };
  expect(renderSearch({ ...FOUND, hits: [old] }, { ...TERMINAL, columns: 30 }).answer).toBe(
    'acme/release-notes  yanked',
  );
});
