import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import type { VersionFacts } from '../../src/domain/publish/facts.js';
import { createRandom, pick, type Random } from './random.js';

/** One workflow of the corpus, with all that its rows say. */
export interface CorpusEntry {
  readonly namespace: string;
  readonly name: string;
  readonly visibility: 'public' | 'private';
  readonly facts: VersionFacts;
  readonly readme: string | undefined;
  readonly versions: readonly string[];
  readonly state: 'active' | 'deprecated' | 'yanked' | 'quarantined';
  readonly downloads: number;
  readonly ageDays: number;
}

export interface Corpus {
  readonly entries: readonly CorpusEntry[];
  /** Where the words come from. */
  readonly source: 'debian' | 'generated';
}

interface Description {
  readonly name: string;
  readonly summary: string;
  readonly section: string;
  readonly tags: readonly string[];
  readonly depends: readonly string[];
}

const LICENSES = [
  'MIT',
  'MIT',
  'MIT',
  'Apache-2.0',
  'Apache-2.0',
  'BSD-3-Clause',
  'GPL-3.0-or-later',
  'MPL-2.0',
];
const TEAMS = ['acorn', 'birch', 'cedar', 'delta', 'ember', 'fjord', 'grove', 'heron'];

/**
 * `size` workflows described as Debian describes its packages, where apt knows them; else by made-up sentences. The same
 * seed and the same package lists give the same corpus.
 */
export async function createCorpus(size: number, seed = 1): Promise<Corpus> {
  const described = await debianDescriptions();
  const source = described.length >= size ? 'debian' : 'generated';
  if (source === 'generated')
    process.stderr.write(
      'search corpus: apt-cache knows too few packages here; using GENERATED descriptions\n',
    );
  const random = createRandom(seed);
  const descriptions = source === 'debian' ? sample(described, size) : generated(size, random);
  return { source, entries: descriptions.map((each) => toEntry(each, random)) };
}

async function debianDescriptions(): Promise<readonly Description[]> {
  const text = await promisify(execFile)('apt-cache', ['dumpavail'], { maxBuffer: 512 * 1024 * 1024 }).then(
    ({ stdout }) => stdout,
    () => '',
  );
  const found = new Map<string, Description>();
  for (const paragraph of text.split('\n\n')) {
    const fields = new Map(
      [...paragraph.matchAll(/^([A-Za-z0-9-]+): (.*(?:\n .*)*)/gm)].map(([, key = '', value = '']) => [
        key,
        value,
      ]),
    );
    const name = slug(fields.get('Package') ?? '', 64);
    const summary = fields.get('Description')?.split('\n')[0] ?? '';
    if (name === '' || summary === '' || found.has(name)) continue;
    found.set(name, {
      name,
      summary,
      section: slug((fields.get('Section') ?? 'misc').split('/').at(-1) ?? 'misc', 24),
      tags: [...(fields.get('Tag') ?? '').matchAll(/([a-z-]+)::([a-z0-9:-]+)/g)].map(([, , value = '']) =>
        slug(value, 32),
      ),
      depends: [...(fields.get('Depends') ?? '').matchAll(/(?:^|, )([a-z0-9-]+)/g)]
        .map(([, value = '']) => value)
        .slice(0, 12),
    });
  }
  return [...found.values()];
}

/** Every package has the same chance, and the choice depends on the names alone. */
function sample(described: readonly Description[], size: number): readonly Description[] {
  const key = (name: string) => createHash('sha256').update(name).digest('hex');
  return described
    .map((each) => ({ each, key: key(each.name) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .slice(0, size)
    .map(({ each }) => each);
}

function slug(text: string, length: number): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, length)
    .replace(/^-+|-+$/g, '');
}

function toEntry(description: Description, random: Random): CorpusEntry {
  const { name, summary, section, depends } = description;
  const chance = random();
  const isPrivate = random() < 0.03;
  const namespace = `${section}-${pick(TEAMS, random)}`;
  const license = random() < 0.9 ? pick(LICENSES, random) : undefined;
  const major = 1 + Math.floor(random() * 4);
  const tags = [...new Set([section, ...description.tags])].filter((tag) => tag !== '').slice(0, 6);
  const kinds = {
    network: random() < 0.4,
    exec: random() < 0.7,
    read: random() < 0.8,
    write: random() < 0.4,
    secrets: random() < 0.2,
  };
  return {
    namespace: isPrivate ? `private-${pick(TEAMS, random)}` : namespace,
    name,
    visibility: isPrivate ? 'private' : 'public',
    facts: {
      title: name
        .split('-')
        .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
        .join(' '),
      description: summary,
      tags,
      ...(license !== undefined && { license }),
      permissions: {
        network: kinds.network ? [`${section}.example.com`] : [],
        exec: kinds.exec ? depends.slice(0, 4) : [],
        read: kinds.read ? ['.'] : [],
        write: kinds.write ? ['dist/**'] : [],
        secrets: kinds.secrets ? [`${section.toUpperCase().replaceAll('-', '_')}_TOKEN`] : [],
      },
      parameters: Object.fromEntries(
        depends
          .slice(4, 8)
          .map((each) => [
            each.replaceAll('-', '_'),
            { type: 'string', description: `which ${each} to use` },
          ]),
      ),
      outputs: ['report'],
      requirements: depends.slice(0, 2),
      steps: [{ id: 'main', needs: [] }],
      files: [{ path: 'workflow.toml', sizeBytes: 900, executable: false }],
    },
    readme: random() < 0.8 ? readmeOf(description) : undefined,
    versions: Array.from({ length: 1 + Math.floor(random() * random() * 8) }, (_, i) => `${major}.${i}.0`),
    state:
      chance < 0.05 ? 'deprecated' : chance < 0.07 ? 'yanked' : chance < 0.075 ? 'quarantined' : 'active',
    // Most are hardly used, a few by everybody.
    downloads: Math.floor(10 ** (random() * random() * 6)) - 1,
    ageDays: Math.floor(random() ** 2 * 1500),
  };
}

function readmeOf({ name, summary, section, tags, depends }: Description): string {
  return [
    `# ${name}`,
    summary,
    `Part of ${section}. It is about ${tags.join(', ') || section} and works together with ${depends.join(', ') || 'nothing else'}.`,
    '## Usage',
    `Run \`sheaf run ${name}\` in the root of your repository. See the parameters for what can be set.`,
  ].join('\n\n');
}

const VERBS = [
  'Checks',
  'Builds',
  'Writes',
  'Collects',
  'Deploys',
  'Scans',
  'Signs',
  'Converts',
  'Mirrors',
  'Rotates',
];
const THINGS = [
  'images',
  'licences',
  'release notes',
  'dependencies',
  'certificates',
  'backups',
  'reports',
  'schemas',
  'translations',
  'metrics',
];
const PLACES = [
  'clusters',
  'archives',
  'mailing lists',
  'monorepos',
  'databases',
  'documentation sites',
  'firmware',
  'warehouses',
];
const SYLLABLES = [
  'ba',
  'ce',
  'dor',
  'fi',
  'gra',
  'hel',
  'jun',
  'ko',
  'lim',
  'mar',
  'nex',
  'or',
  'pha',
  'quo',
  'ris',
  'sta',
  'tul',
  'vek',
  'wy',
  'zan',
];

function generated(size: number, random: Random): readonly Description[] {
  const made = new Map<string, Description>();
  while (made.size < size) {
    const coin = () =>
      Array.from({ length: 2 + Math.floor(random() * 2) }, () => pick(SYLLABLES, random)).join('');
    const section = pick(['ops', 'docs', 'security', 'data', 'web', 'build', 'test', 'release'], random);
    const name = `${coin()}-${pick(THINGS, random).replaceAll(' ', '-')}`;
    const summary = `${pick(VERBS, random)} ${pick(THINGS, random)} of ${pick(PLACES, random)} with ${coin()}`;
    made.set(name, {
      name,
      summary,
      section,
      tags: [pick(THINGS, random).replaceAll(' ', '-'), coin()],
      depends: [coin(), coin(), coin()],
    });
  }
  return [...made.values()];
}
