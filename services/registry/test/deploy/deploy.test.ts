import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments, parse } from 'yaml';
import { CONFIG_USAGE, parseConfig } from '../../src/config.js';
import { VERBS } from '../../src/verbs/index.js';

const ROOT = new URL('../../../../', import.meta.url);
const read = (path: string) => readFile(new URL(path, ROOT), 'utf8');

interface Variable {
  readonly name: string;
  readonly value: string;
}
interface Container {
  readonly args: readonly string[];
  readonly env: readonly Variable[];
  readonly envFrom?: readonly { configMapRef: { name: string } }[];
  readonly securityContext: unknown;
  readonly volumeMounts: readonly { name: string }[];
}
interface Resource {
  readonly kind: string;
  readonly metadata: { name: string };
  readonly data?: Record<string, string>;
  readonly spec?: {
    readonly template?: {
      readonly metadata: { labels: Record<string, string> };
      readonly spec: {
        readonly containers: readonly Container[];
        readonly volumes: readonly { name: string; secret?: { secretName: string } }[];
        readonly securityContext: unknown;
        readonly terminationGracePeriodSeconds?: number;
      };
    };
  };
}

/** A variable of the service, or one that the runtime itself reads. */
function isKnown(name: string): boolean {
  if (name === 'NODE_EXTRA_CA_CERTS' || name === 'NODE_OPTIONS') return true;
  const plain = name.replace(/_FILE$/, '');
  return new RegExp(`\\b${plain}\\b`).test(CONFIG_USAGE);
}

/** The configuration that an environment gives, with what its secret files would hold. */
function configOf(env: Record<string, string>) {
  const content: Record<string, string> = {
    DATABASE_URL_FILE: 'postgres://sheaf:secret@postgres:5432/sheaf',
    SHEAF_METRICS_TOKEN_FILE: '0123456789abcdef',
    SHEAF_LOG_SIGNING_KEY_FILE: '-----BEGIN PRIVATE KEY-----',
    SHEAF_OIDC_CLIENT_SECRET_FILE: 'a secret',
  };
  const filled = Object.fromEntries(
    Object.entries(env).map(([name, value]) => {
      const secret = content[name];
      return secret === undefined ? [name, value] : [name.replace(/_FILE$/, ''), secret];
    }),
  );
  return parseConfig([], filled, false);
}

describe('the example for Kubernetes', async () => {
  const names = await readdir(new URL('deploy/kubernetes/', ROOT));
  const files = await Promise.all(names.map((name) => read(`deploy/kubernetes/${name}`)));
  const resources = files.flatMap((text) =>
    parseAllDocuments(text).map((document) => {
      expect(document.errors).toEqual([]);
      return document.toJS() as Resource;
    }),
  );
  const of = (kind: string) => resources.filter((resource) => resource.kind === kind);
  const pods = [...of('Deployment'), ...of('Job')].map((resource) => resource.spec?.template?.spec);

  test('holds what a service needs', () => {
    expect(new Set(resources.map(({ kind }) => kind))).toEqual(
      new Set([
        'ConfigMap',
        'Deployment',
        'Service',
        'PodDisruptionBudget',
        'NetworkPolicy',
        'Job',
        'Ingress',
      ]),
    );
  });

  test('sets only variables that there are, to values that are taken', () => {
    const settings = of('ConfigMap')[0]?.data ?? {};
    const variables = pods.flatMap((pod) => pod?.containers.flatMap(({ env }) => env) ?? []);
    const names = [...Object.keys(settings), ...variables.map(({ name }) => name)];
    expect(names.filter((name) => !isKnown(name))).toEqual([]);
    const deployed = of('Deployment')[0]?.spec?.template?.spec.containers[0]?.env ?? [];
    const config = configOf({
      ...settings,
      ...Object.fromEntries(deployed.map(({ name, value }) => [name, value])),
    });
    const graceMs = (pods[0]?.terminationGracePeriodSeconds ?? 0) * 1000;
    expect(config.server.stopDelayMs + config.server.drainTimeoutMs).toBeLessThan(graceMs);
    expect(config.observability.metricsListen?.port).toBe(9464);
    expect(config.database.isMigrating).toBe(false);
  });

  test('runs without rights, on a root file system that cannot be written, with verbs that there are', () => {
    expect(pods).toHaveLength(2);
    for (const pod of pods) {
      expect(pod?.securityContext).toMatchObject({
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      for (const container of pod?.containers ?? []) {
        expect(container.securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        expect(VERBS.has(container.args[0] ?? '')).toBe(true);
        const volumes = pod?.volumes.map(({ name }) => name);
        expect(volumes).toEqual(expect.arrayContaining(container.volumeMounts.map(({ name }) => name)));
      }
    }
  });
});

describe('compose.yaml', async () => {
  const compose = parse(await read('compose.yaml'), { merge: true }) as {
    services: Record<
      string,
      {
        environment?: Record<string, string>;
        secrets?: string[];
        volumes?: string[];
        read_only?: boolean;
        depends_on?: Record<string, unknown>;
        command?: string[];
      }
    >;
    secrets: Record<string, { file: string }>;
    volumes: Record<string, unknown>;
  };
  const ours = Object.entries(compose.services).filter(([name]) => /^(?:registry-\d|migrate)$/.test(name));

  test('runs two registries with settings that are taken', () => {
    expect(ours.map(([name]) => name)).toEqual(['registry-1', 'registry-2', 'migrate']);
    for (const [, { environment = {}, read_only: isReadOnly }] of ours) {
      expect(Object.keys(environment).filter((name) => !isKnown(name))).toEqual([]);
      expect(configOf(environment).database.url).toContain('postgres');
      expect(isReadOnly).toBe(true);
    }
  });

  test('lets the registries see the certificate of the proxy, and not the key beside it', () => {
    const sees = Object.entries(compose.services).filter(([, { volumes = [] }]) =>
      volumes.some((volume) => volume.startsWith('proxy-data:')),
    );
    expect(sees.map(([name]) => name)).toEqual(['proxy', 'authority']);
    const { command = [] } = compose.services['authority'] ?? {};
    for (const [name, { environment = {}, volumes = [] }] of ours) {
      if (name === 'migrate') continue;
      const file = environment['NODE_EXTRA_CA_CERTS'] ?? '';
      expect(command.join(' ')).toContain(`chmod 0644 ${file}`);
      expect(volumes).toContain('authority:/authority:ro');
    }
  });

  test('names only services, volumes and secrets that it has, and makes every secret', async () => {
    const script = await read('deploy/compose/make-secrets.sh');
    for (const { depends_on: needs = {}, secrets = [], volumes = [] } of Object.values(compose.services)) {
      for (const name of Object.keys(needs)) expect(compose.services).toHaveProperty([name]);
      for (const name of secrets) expect(compose.secrets).toHaveProperty([name]);
      for (const name of volumes.map((volume) => volume.split(':', 1)[0] ?? ''))
        if (!name.startsWith('.')) expect(compose.volumes).toHaveProperty([name]);
    }
    for (const name of Object.keys(compose.secrets)) expect(script).toContain(`make ${name} `);
  });
});

test('the image is built of stages, runs as nobody in particular and looks after itself', async () => {
  const dockerfile = await read('Dockerfile');
  const last = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));
  expect(last).toContain('USER 10001:10001');
  expect(last).toMatch(/ENTRYPOINT \["node", "\/app\/services\/registry\/bin\/sheaf-registry\.js"\]/);
  expect(last).toContain('HEALTHCHECK');
  expect(last).not.toMatch(/npm (?:ci|install)|curl|wget/);
  const lines = dockerfile.split('\n').filter((line) => /^COPY (?!--from)/.test(line));
  const sources = lines.flatMap((line) => line.split(' ').slice(1, -1));
  for (const source of sources) await expect(readdirOrFile(source), source).resolves.toBeDefined();
});

function readdirOrFile(path: string): Promise<unknown> {
  return readdir(new URL(path, ROOT)).catch(() => read(path));
}
