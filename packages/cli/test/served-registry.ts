import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  documentOf,
  ORIGIN,
  testFiles,
  type Published,
  type TestRegistry,
} from '../../client/src/testing/test-registry.js';
import { serveRegistry, type Lies } from '../../client/test/support/serve-registry.js';
import { problem, sendJson, startServer, type SeenRequest } from '../../client/test/support/server.js';
import type { Finished, Machine, RunOptions } from './harness.js';
import { checkDocuments } from './json-documents.js';

/** What the API answers beside the bundles and the log. */
export interface MoreLies extends Lies {
  readonly origin?: string;
  readonly logKey?: string;
  readonly version?: (honest: object) => object;
  readonly near?: readonly object[];
  /** Then it has no accounts, and says so. */
  readonly mirror?: boolean;
}

/** A registry that is served, and what it was asked. */
export interface Served {
  readonly url: string;
  readonly seen: SeenRequest[];
  /** From then on nobody answers. */
  readonly close: () => void;
}

const LIMITS = { tarBytes: 1, files: 1, fileBytes: 1, definitionBytes: 1 };

/** Whether the token is for other namespaces alone. */
const isNarrow = ({ headers }: SeenRequest): boolean => headers.authorization === 'Bearer shf_0_narrow';

/** Serves what was published, with the rest of the API that the command line asks for. */
export async function serve(
  registry: TestRegistry,
  published: readonly Published[],
  lies: MoreLies = {},
): Promise<Served> {
  const rest = serveRegistry(registry, published, lies);
  const origin = lies.origin ?? ORIGIN;
  const logs = (): object[] => [
    { realm: 'public', origin: `${origin}/log/public`, key: lies.logKey ?? registry.log.logKey },
  ];
  return startServer((request, response, count) => {
    const [, version] = /^\/v1\/workflows\/acme\/deploy\/([^/]+)$/.exec(request.path) ?? [];
    const found = published.find((each) => each.version === version);
    if (request.path === '/.well-known/sheaf-registry')
      sendJson(response, { origin, api: ['v1'], logs: logs(), limits: LIMITS, witnesses: [] });
    else if (request.path === '/v1/whoami' && lies.mirror === true)
      sendJson(response, problem('registry.mirror', 403), 403);
    else if (request.path === '/v1/whoami' && request.headers.authorization === 'Bearer shf_0_bad')
      sendJson(response, problem('auth.token_invalid', 401), 401);
    else if (request.path === '/v1/whoami')
      sendJson(response, {
        user: 'ana',
        admin: false,
        token: { id: 't', name: 'n', scopes: isNarrow(request) ? ['publish:other/x'] : ['*'] },
        namespaces: [],
      });
    else if (request.path === '/v1/namespaces/acme')
      sendJson(response, {
        name: 'acme',
        visibility: 'public',
        realm: 'public',
        threshold: 1,
        keys: [
          { id: registry.key.publicKey.id, publicKey: '', addedAt: '2026-03-01T00:00:00Z', logIndex: 1 },
        ],
      });
    else if (request.path.startsWith('/v1/workflows?'))
      sendJson(response, { total: 0, totalIsExact: true, hits: [], near: lies.near ?? [] });
    else if (found !== undefined) {
      const { versions, ...workflow } = documentOf(published);
      const document = {
        ...workflow,
        channels: undefined,
        ...versions.find((each) => each.version === version),
        parameters: {},
        outputs: [],
        requirements: [],
        steps: [],
        files: [],
      };
      sendJson(response, lies.version?.(document) ?? document);
    } else if (published.length === 0 && request.path === '/v1/workflows/acme/deploy')
      sendJson(response, problem('workflow.not_found', 404), 404);
    else rest(request, response, count);
  });
}

/** Runs without blocking this process, which is the registry. */
export async function run(
  machine: Machine,
  args: readonly string[],
  options?: RunOptions,
): Promise<Finished> {
  const child = machine.start(args, options);
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name]?.setEncoding('utf8').on('data', (text: string) => (texts[name] += text));
  const [status] = (await once(child, 'close')) as [number | null];
  checkDocuments(texts.stdout);
  return { status, ...texts };
}

/** Writes the workflow that test registries publish, and answers its folder. */
export function writeFlow(machine: Machine): string {
  const dir = join(machine.dir, 'flow');
  for (const { path, bytes } of testFiles()) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), bytes);
  }
  return dir;
}

/** A private key as PEM, as `SHEAF_SIGNING_KEY` has it. */
export function pemOf(seed: Uint8Array): string {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  return `-----BEGIN PRIVATE KEY-----\n${der.toString('base64')}\n-----END PRIVATE KEY-----\n`;
}

/** Publishes the folder of {@link writeFlow}. */
export const PUBLISH = ['publish', 'flow', '--yes'];
