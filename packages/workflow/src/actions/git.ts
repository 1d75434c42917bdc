import type { ActionInput, ActionManifest, ActionOutput } from './manifest.js';

/** What git may take for an option, a range or a path is no revision here. */
const REVISION = '^[^-~^:?*\\[\\\\\\x00-\\x20\\x7f][^:?*\\[\\\\\\x00-\\x20\\x7f]{0,254}$';

const TEXT: ActionOutput = { type: 'string' };
const TEXTS: ActionOutput = { type: 'list', items: TEXT };
const INTEGER: ActionOutput = { type: 'integer' };
const BOOLEAN: ActionOutput = { type: 'boolean' };

const revision = (description: string, byDefault?: string): ActionInput => ({
  type: 'string',
  description,
  pattern: REVISION,
  required: false,
  ...(byDefault === undefined ? {} : { default: byDefault }),
});
const PATHS: ActionInput = {
  type: 'list',
  description: 'only what touches these paths',
  required: false,
  default: [],
  items: TEXT,
};
const FOLDER: ActionInput = {
  type: 'path',
  description: 'a folder of the repository, relative to the workspace',
  required: false,
  default: '.',
  access: 'read',
};
const PERMISSIONS = { exec: ['git'], read: ['folder'] } as const;

export const GIT_LOG: ActionManifest = {
  name: 'git.log',
  version: '1.0.0',
  description: 'Lists commits, newest first, and sums them up by kind',
  inputs: {
    from: revision('after this revision; without it from the first commit'),
    to: revision('up to this revision', 'HEAD'),
    paths: PATHS,
    limit: {
      type: 'integer',
      description: 'at most so many',
      required: false,
      default: 500,
      minimum: 1,
      maximum: 2000,
    },
    merges: { type: 'boolean', description: 'with merge commits', required: false, default: false },
    folder: FOLDER,
  },
  outputs: {
    commits: {
      type: 'list',
      items: {
        type: 'map',
        fields: {
          hash: TEXT,
          short: TEXT,
          author: TEXT,
          email: TEXT,
          date: { type: 'string', description: 'when it was committed, RFC 3339' },
          subject: TEXT,
          body: TEXT,
          kind: { type: 'string', description: 'of a conventional commit, like feat or fix; else empty' },
          scope: { type: 'string', description: 'of a conventional commit; else empty' },
          breaking: { type: 'boolean', description: 'says that it breaks something' },
        },
      },
    },
    count: INTEGER,
    truncated: { type: 'boolean', description: 'there are more than `limit`' },
    authors: { ...TEXTS, description: 'their names, sorted' },
    summary: { type: 'string', description: 'as Markdown: what breaks, features, fixes, and the rest' },
  },
  permissions: PERMISSIONS,
};

export const GIT_DIFF: ActionManifest = {
  name: 'git.diff',
  version: '1.0.0',
  description: 'Says what changed between two revisions, by file and in sum',
  inputs: {
    from: { ...revision('the revision to compare with'), required: true },
    to: revision('the revision to compare; without it the working tree'),
    paths: PATHS,
    patch: { type: 'boolean', description: 'with the patch as text', required: false, default: false },
    folder: FOLDER,
  },
  outputs: {
    files: {
      type: 'list',
      items: {
        type: 'map',
        fields: {
          path: TEXT,
          status: { type: 'string', description: 'added modified deleted renamed copied retyped unmerged' },
          from: { type: 'string', description: 'the former path of what was renamed or copied; else empty' },
          additions: INTEGER,
          deletions: INTEGER,
          binary: BOOLEAN,
        },
      },
    },
    count: INTEGER,
    additions: INTEGER,
    deletions: INTEGER,
    summary: { type: 'string', description: 'a line for each file, and one for the sum' },
    patch: { type: 'string', description: 'the patch where it was asked for; else empty' },
  },
  permissions: PERMISSIONS,
};

export const GIT_CHANGED_FILES: ActionManifest = {
  name: 'git.changed_files',
  version: '1.0.0',
  description: 'Lists the files that changed since a revision, or since the branch left it',
  inputs: {
    base: { ...revision('the revision that they changed since'), required: true },
    head: revision('up to this revision', 'HEAD'),
    merge_base: {
      type: 'boolean',
      description: 'since the branches parted, as a pull request shows it',
      required: false,
      default: true,
    },
    match: {
      type: 'list',
      description: 'only files that match one of these globs',
      required: false,
      default: [],
      items: TEXT,
    },
    folder: FOLDER,
  },
  outputs: {
    files: { ...TEXTS, description: 'paths from the top of the repository, sorted' },
    added: TEXTS,
    modified: TEXTS,
    deleted: TEXTS,
    count: INTEGER,
  },
  permissions: PERMISSIONS,
};

export const GIT_DESCRIBE: ActionManifest = {
  name: 'git.describe',
  version: '1.0.0',
  description: 'Says where a repository stands: commit, branch, last tag, and whether all is committed',
  inputs: {
    revision: revision('the revision to describe', 'HEAD'),
    match: {
      type: 'string',
      description: 'only tags that match this glob of git',
      required: false,
      pattern: '^[A-Za-z0-9*?][A-Za-z0-9._/*?-]{0,99}$',
    },
    folder: FOLDER,
  },
  outputs: {
    commit: TEXT,
    short: TEXT,
    branch: { type: 'string', description: 'empty where none is checked out' },
    tag: { type: 'string', description: 'the last tag up to it; empty where there is none' },
    distance: { type: 'integer', description: 'commits since that tag, or all where there is none' },
    dirty: { type: 'boolean', description: 'tracked files have changes that are not committed' },
    description: { type: 'string', description: 'in the form v1.2.0-4-g3f2a91c' },
  },
  permissions: PERMISSIONS,
};
