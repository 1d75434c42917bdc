import type { CorpusEntry } from './corpus.js';

/** Workflows that the table of queries names; they are known here word for word, whatever the rest of the corpus is. */
const ANCHORS: readonly Anchor[] = [
  {
    id: 'acme/release-notes',
    says: 'Write release notes from the history of a git repository',
    tags: ['git', 'release'],
    downloads: 5000,
    parameters: { since: 'first tag of the range' },
    network: ['api.github.com'],
  },
  { id: 'crew/release-notes', says: 'Drafts notes for a release by hand', tags: ['release'], downloads: 3 },
  {
    id: 'acme/release-train',
    says: 'Cuts a release branch every second week',
    tags: ['release'],
    downloads: 40,
  },
  {
    id: 'acme/deploy',
    says: 'Deploy a service to a Kubernetes cluster',
    tags: ['kubernetes', 'ops'],
    downloads: 90_000,
    exec: ['kubectl'],
  },
  {
    id: 'crew/deploy-preview',
    says: 'Deploys a preview of every pull request',
    tags: ['ops'],
    downloads: 800,
  },
  {
    id: 'crew/kubernetes-drain',
    says: 'Drains nodes of a cluster before maintenance',
    tags: ['kubernetes'],
    downloads: 70,
  },
  {
    id: 'acme/licence-audit',
    says: 'Audits the licences of all dependencies and reports incompatible ones',
    tags: ['legal', 'compliance'],
    downloads: 900,
  },
  { id: 'acme/link-check', says: 'Finds dead links in documentation', tags: ['docs'], downloads: 2100 },
  {
    id: 'tools/pre-commit',
    says: 'Runs the hooks that would run before a commit',
    tags: ['git'],
    downloads: 7000,
  },
  {
    id: 'tools/dotenv-lint',
    says: 'Checks environment files for doubled and unset variables',
    tags: ['lint'],
    downloads: 410,
  },
  {
    id: 'tools/nightly-backup',
    says: 'Stores an encrypted backup off site',
    tags: ['backup'],
    downloads: 320,
    parameters: { retention_days: 'how long snapshots are kept' },
  },
  {
    id: 'tools/vault-rotate',
    says: 'Rotates credentials on schedule',
    tags: ['security'],
    downloads: 150,
    secrets: ['HASHIVAULT_ROLE'],
  },
  {
    id: 'tools/helm-diff',
    says: 'Shows what an upgrade of a chart would change',
    tags: ['helm'],
    downloads: 260,
    readme: 'Compares manifests by way of a semantic zymurgical comparison.',
  },
  {
    id: 'data/csv-to-parquet',
    says: 'Converts comma separated values into columnar files',
    tags: ['data', 'etl'],
    downloads: 610,
  },
  {
    id: 'data/GitHubMirror',
    name: 'github-mirror',
    says: 'Mirrors repositories from GitHub and GitLab',
    tags: ['git', 'mirror'],
    downloads: 95,
    network: ['glorptube.example.com'],
  },
  { id: 'data/naive-bayes', says: 'Trains a naïve Bayes classifier on résumés', tags: ['ml'], downloads: 33 },
  { id: 'i18n/chinese-glossary', says: '检查文档翻译术语表的一致性', tags: ['i18n'], downloads: 12 },
  { id: 'i18n/japanese-proof', says: '日本語の文章を校正するワークフロー', tags: ['i18n'], downloads: 9 },
  {
    id: 'i18n/arabic-typeset',
    says: 'تنضيد النصوص العربية من اليمين إلى اليسار',
    tags: ['i18n'],
    downloads: 7,
  },
  { id: 'i18n/cyrillic-spell', says: 'Проверка орфографии в документации', tags: ['i18n'], downloads: 6 },
  {
    id: 'legacy/old-deploy',
    says: 'Deploy to the Frobozz mainframe',
    tags: ['frobozz'],
    downloads: 500,
    state: 'deprecated',
  },
  { id: 'legacy/new-deploy', says: 'Deploy to the Frobozz mainframe', tags: ['frobozz'], downloads: 450 },
  {
    id: 'legacy/yanked-thing',
    says: 'A quixotryxian thing that was taken back',
    tags: ['quixotryxian'],
    downloads: 99_999,
    state: 'yanked',
  },
  {
    id: 'legacy/quarantined-thing',
    says: 'A quixotryxian thing that is withheld',
    tags: ['quixotryxian'],
    downloads: 99_999,
    state: 'quarantined',
  },
  {
    id: 'secretive/hidden-plan',
    says: 'A quixotryxian plan of our own',
    tags: ['covert-ops'],
    downloads: 1,
    isPrivate: true,
  },
  {
    id: 'secretive/deploy',
    says: 'Deploy what nobody may know of',
    tags: ['covert-ops'],
    downloads: 1,
    isPrivate: true,
  },
  { id: 'popular/wumpus-hunt', says: 'Hunts', tags: ['game'], downloads: 100_000 },
  { id: 'unpopular/wumpus-hunt-2', says: 'Hunts', tags: ['game'], downloads: 0 },
  { id: 'short/gti', says: 'Turns typing mistakes into traffic', tags: ['fun'], downloads: 4 },
  { id: 'short/jq-run', says: 'Queries documents of a pipeline', tags: ['json'], downloads: 44 },
  { id: 'fresh/snorkelwacker', says: 'Recently made', tags: ['zyx'], downloads: 10, ageDays: 1 },
  { id: 'stale/snorkelwacker-classic', says: 'Made long ago', tags: ['zyx'], downloads: 10, ageDays: 4000 },
];

interface Anchor {
  readonly id: string;
  readonly name?: string;
  readonly says: string;
  readonly tags: readonly string[];
  readonly downloads: number;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly network?: readonly string[];
  readonly exec?: readonly string[];
  readonly secrets?: readonly string[];
  readonly readme?: string;
  readonly state?: CorpusEntry['state'];
  readonly isPrivate?: boolean;
  readonly ageDays?: number;
}

export const anchors: readonly CorpusEntry[] = ANCHORS.map((anchor) => {
  const [namespace = '', name = ''] = anchor.id.split('/');
  return {
    namespace,
    name: anchor.name ?? name,
    visibility: anchor.isPrivate === true ? 'private' : 'public',
    facts: {
      description: anchor.says,
      tags: anchor.tags,
      license: namespace === 'acme' ? 'EUPL-1.2' : 'MIT',
      permissions: {
        network: anchor.network ?? [],
        exec: anchor.exec ?? ['git'],
        read: ['.'],
        write: [],
        secrets: anchor.secrets ?? [],
      },
      parameters: Object.fromEntries(
        Object.entries(anchor.parameters ?? {}).map(([key, description]) => [
          key,
          { type: 'string', description },
        ]),
      ),
      outputs: [],
      requirements: [],
      steps: [{ id: 'main', needs: [] }],
      files: [{ path: 'workflow.toml', sizeBytes: 900, executable: false }],
    },
    readme: anchor.readme,
    versions: ['1.0.0', '1.1.0'],
    state: anchor.state ?? 'active',
    downloads: anchor.downloads,
    ageDays: anchor.ageDays ?? 30,
  };
});
