import type { Bundle, PublishStatement } from '@sheaf/bundle';
import { listStepGraph, type JsonValue, type Permissions } from '@sheaf/workflow';

/**
 * What the registry knows of a version besides its bytes. All of it is derived from the verified bundle by the
 * parser that clients use; nothing is taken from the uploader's word.
 */
export interface VersionFacts {
  readonly title?: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly license?: string;
  readonly homepage?: string;
  readonly permissions: Permissions;
  readonly parameters: Readonly<Record<string, JsonValue>>;
  readonly outputs: readonly string[];
  readonly requirements: readonly string[];
  readonly steps: readonly { readonly id: string; readonly needs: readonly string[] }[];
  readonly files: readonly {
    readonly path: string;
    readonly sizeBytes: number;
    readonly executable: boolean;
  }[];
  readonly source?: { readonly uri: string; readonly commit: string };
}

const README_LIMIT_CHARACTERS = 100_000;

export function deriveFacts(bundle: Bundle, statement: PublishStatement): VersionFacts {
  const { definition } = bundle;
  return storable({
    ...(definition.name !== undefined && { title: definition.name }),
    ...(definition.description !== undefined && { description: definition.description }),
    tags: definition.tags,
    ...(definition.license !== undefined && { license: definition.license }),
    ...(definition.homepage !== undefined && { homepage: definition.homepage }),
    permissions: definition.permissions,
    parameters: definition.parameters as unknown as Record<string, JsonValue>,
    outputs: Object.keys(definition.outputs),
    requirements: definition.requirements.tools.map((t) =>
      t.minimum === undefined ? t.name : `${t.name} >= ${t.minimum}`,
    ),
    steps: listStepGraph(definition),
    files: bundle.files.map((f) => ({ path: f.path, sizeBytes: f.bytes.length, executable: f.executable })),
    ...(statement.source && { source: statement.source }),
  });
}

/** How JSON writes what cannot be stored; also other text that looks like it, which is then looked at. */
const UNSTORABLE = /\\u(?:0000|d[89a-f])/;

/** A copy in which every text, keys included, can be stored: Postgres takes neither NUL nor half a surrogate pair. */
function storable<T>(value: T): T {
  const text = JSON.stringify(value);
  // Nearly always: looking at each text of its own takes ten times as long.
  if (!UNSTORABLE.test(text)) return JSON.parse(text) as T;
  return JSON.parse(text, (_key, inner: unknown) => {
    if (typeof inner === 'string') return storableText(inner);
    if (inner === null || typeof inner !== 'object' || Array.isArray(inner)) return inner;
    return Object.fromEntries(
      Object.entries(inner).map(([key, each]) => [storableText(key), each as unknown]),
    );
  }) as T;
}

function storableText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\u{FFFD}');
}

/** Text of the README at the root, for search and the page; cut at 100,000 characters. NUL cannot be stored in Postgres. */
export function findReadme(bundle: Bundle): string | undefined {
  const file = bundle.files.find((f) => /^readme\.(md|markdown|txt)$/i.test(f.path));
  if (!file) return undefined;
  return storableText(new TextDecoder().decode(file.bytes).slice(0, README_LIMIT_CHARACTERS));
}
