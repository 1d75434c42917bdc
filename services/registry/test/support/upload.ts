import {
  encodeEnvelope,
  encodeKeyEvent,
  encodePublishStatement,
  generateSigningKey,
  gzipTar,
  packTar,
  PAYLOAD_TYPE_KEY_EVENT,
  PAYLOAD_TYPE_STATEMENT,
  digestOf,
  sha256Hex,
  signEnvelope,
  spkiOf,
  type ArchiveFile,
  type Digest,
  type SigningKey,
} from '@sheaf/bundle';
import type { PublishStatement } from '@sheaf/bundle';
import { parseNamespace, parseVersion, parseWorkflowName } from '@sheaf/workflow';
import type { TestRegistry } from './test-registry.js';

export const PUBLISHER = generateSigningKey();

export interface WorkflowOptions {
  readonly namespace?: string;
  readonly name?: string;
  readonly version?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  /** Replaces the whole definition. */
  readonly definition?: string;
  /** Replaces the README.md. */
  readonly readme?: ArchiveFile;
}

export interface BuiltUpload {
  readonly envelope: Uint8Array;
  readonly blob: Uint8Array;
  readonly tar: Uint8Array;
  readonly digest: Digest;
}

const text = (content: string) => new TextEncoder().encode(content);

export function definitionOf(options: WorkflowOptions = {}): string {
  const {
    namespace = 'acme',
    name = 'deploy',
    version = '1.0.0',
    description = 'Deploys things',
    tags = ['ops'],
  } = options;
  return `id = "${namespace}/${name}"
version = "${version}"
description = "${description}"
tags = ${JSON.stringify(tags)}
license = "MIT"

[permissions]
exec = ["bash"]

[parameters.target]
type = "string"
default = "staging"
description = "where to"

[steps.go]
run = 'echo "$PARAM_TARGET"'
`;
}

/** A correct upload; `alter` may spoil the statement before it is signed. */
export async function buildUpload(
  registry: Pick<TestRegistry, 'origin'>,
  options: WorkflowOptions = {},
  key: SigningKey | readonly SigningKey[] = PUBLISHER,
  alter: (statement: PublishStatement) => PublishStatement = (s) => s,
): Promise<BuiltUpload> {
  const definition = text(options.definition ?? definitionOf(options));
  const files: ArchiveFile[] = [
    { path: 'workflow.toml', bytes: definition, executable: false },
    options.readme ?? {
      path: 'README.md',
      bytes: text('# A workflow\n\nWith a *gazebo*.\n'),
      executable: false,
    },
  ];
  const tar = packTar(files);
  const statement: PublishStatement = {
    registry: registry.origin,
    namespace: parseNamespace(options.namespace ?? 'acme'),
    name: parseWorkflowName(options.name ?? 'deploy'),
    version: parseVersion(options.version ?? '1.0.0'),
    tar: { digest: digestOf(tar), sizeBytes: tar.length, files: files.length },
    definition: { path: 'workflow.toml', sha256: sha256Hex(definition) },
  };
  const envelope = signEnvelope(
    PAYLOAD_TYPE_STATEMENT,
    encodePublishStatement(alter(statement)),
    [key].flat(),
  );
  return { envelope: encodeEnvelope(envelope), blob: await gzipTar(tar), tar, digest: digestOf(tar) };
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
  readonly json: Record<string, unknown>;
}

/** What a request needs to know of a registry. */
export type Reachable = Pick<TestRegistry, 'url' | 'origin' | 'ownerToken'>;

export async function call(
  registry: Pick<Reachable, 'url'>,
  path: string,
  init: RequestInit & { token?: string } = {},
): Promise<Answer> {
  const headers = new Headers(init.headers);
  if (init.token !== undefined) headers.set('Authorization', `Bearer ${init.token}`);
  const response = await fetch(`${registry.url}${path}`, { ...init, headers });
  const bytes = Buffer.from(await response.arrayBuffer());
  const isJson = (response.headers.get('content-type') ?? '').includes('json') && bytes.length > 0;
  return {
    status: response.status,
    headers: response.headers,
    bytes,
    json: isJson ? (JSON.parse(bytes.toString()) as Record<string, unknown>) : {},
  };
}

export function callJson(
  registry: Reachable,
  method: string,
  path: string,
  body: unknown,
  token = registry.ownerToken,
): Promise<Answer> {
  return call(registry, path, {
    method,
    token,
    body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json' },
  });
}

export function send(
  registry: Reachable,
  upload: Pick<BuiltUpload, 'envelope' | 'blob'>,
  token?: string,
): Promise<Answer> {
  return sendTogether(registry, [upload], '', token);
}

/** Several at once, with a query such as `?stage=true`. */
export function sendTogether(
  registry: Reachable,
  uploads: readonly Pick<BuiltUpload, 'envelope' | 'blob'>[],
  query = '',
  token = registry.ownerToken,
): Promise<Answer> {
  const form = new FormData();
  for (const { envelope, blob } of uploads) {
    form.append('envelope', new Blob([Buffer.from(envelope)]), 'envelope.json');
    form.append('bundle', new Blob([Buffer.from(blob)]), 'bundle.tar.gz');
  }
  return call(registry, `/v1/workflows${query}`, { method: 'POST', body: form, token });
}

export async function publish(registry: Reachable, options: WorkflowOptions = {}): Promise<Answer> {
  return send(registry, await buildUpload(registry, options));
}

/** A key event for a namespace, signed by the given keys, the first of which is the new one. */
export function keyEvent(
  registry: Pick<TestRegistry, 'origin'>,
  namespace: string,
  keys: readonly [SigningKey, ...SigningKey[]],
): Buffer {
  const event = encodeKeyEvent({
    type: 'key.add',
    registry: registry.origin,
    namespace,
    publicKey: Buffer.from(spkiOf(keys[0].publicKey)).toString('base64'),
  });
  return Buffer.from(encodeEnvelope(signEnvelope(PAYLOAD_TYPE_KEY_EVENT, event, keys)));
}

export function sendKey(registry: Reachable, event: Buffer, token = registry.ownerToken): Promise<Answer> {
  return call(registry, '/v1/keys', {
    method: 'POST',
    token,
    body: new Uint8Array(event),
    headers: { 'Content-Type': 'application/json' },
  });
}

/** A namespace with the publisher's key, ready to publish to. */
export async function openNamespace(registry: Reachable, namespace = 'acme'): Promise<void> {
  const created = await callJson(registry, 'POST', '/v1/namespaces', { name: namespace });
  const registered = await sendKey(registry, keyEvent(registry, namespace, [PUBLISHER]));
  if (created.status !== 201 || registered.status !== 201) {
    throw new Error(`the namespace is not ready: ${JSON.stringify([created.json, registered.json])}`);
  }
}

/** How many rows and blobs a rejected request may have left: none more than before. */
export async function countStored(registry: TestRegistry): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const table of [
    'workflows',
    'versions',
    'keys',
    'namespaces',
    'log_queue',
    'log_leaves',
    'audit',
    'outbox',
  ] as const) {
    const row = await registry.db
      .selectFrom(table)
      .select((eb) => eb.fn.countAll<number>().as('n'))
      .executeTakeFirstOrThrow();
    counts[table] = row.n;
  }
  let blobs = 0;
  for await (const entry of registry.deps.objects.list('b/')) blobs += entry.key === '' ? 0 : 1;
  counts['blobs'] = blobs;
  return counts;
}
