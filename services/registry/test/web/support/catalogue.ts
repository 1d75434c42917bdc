import { openSession } from '../../../src/domain/identity/sessions.js';
import type { TestRegistry } from '../../support/test-registry.js';
import { call, callJson, openNamespace, publish } from '../../support/upload.js';

const README = `# Release notes

Writes release notes from the git log. See [the guide](docs/guide.md) and <https://example.com/>.

| from | to |
| --- | --- |
| \`feat:\` | Features |
| \`fix:\` | Fixes |

\`\`\`sh
sheaf run acme/release-notes -p since=v1.2.0
\`\`\`

> Works with every history.
`;

const definition = (version: string, permissions: string) => `id = "acme/release-notes"
version = "${version}"
description = "Write release notes from the git log"
tags = ["git", "release"]
license = "MIT"
homepage = "https://example.com/release-notes"

[permissions]
${permissions}

[parameters.since]
type = "string"
default = "v0"
description = "first tag"

[steps.log]
run = "git log --oneline > log.txt"

[steps.notes]
needs = ["log"]
run = "sort log.txt"

[steps.tell]
needs = ["notes"]
run = "cat log.txt"
`;

const SOME = `exec = ["git", "bash"]
read = ["."]`;
const MORE = `${SOME}
write = ["dist/**"]
network = ["api.github.com"]
secrets = ["GITHUB_TOKEN"]`;

/** A few workflows as people would publish them: what the tests of pages look at. */
export async function publishCatalogue(registry: TestRegistry): Promise<void> {
  await openNamespace(registry, 'acme');
  await openNamespace(registry, 'relay-ops');
  const text = (content: string) => new TextEncoder().encode(content);
  const readme = { path: 'README.md', bytes: text(README), executable: false };
  for (const [version, permissions] of [
    ['1.0.0', SOME],
    ['1.1.0', SOME],
    ['1.2.0', MORE],
    ['2.0.0-rc.1', MORE],
  ] as const)
    await published(
      publish(registry, {
        name: 'release-notes',
        version,
        definition: definition(version, permissions),
        readme,
      }),
    );
  for (const [namespace, name, description, tags] of [
    [
      'acme',
      'deploy',
      'Deploys a service, waits until it is healthy, and rolls back when it is not',
      ['ops'],
    ],
    ['acme', 'licence-audit', 'Lists the licence of every dependency', ['audit', 'license']],
    ['relay-ops', 'link-check', 'Finds links in documents that lead nowhere', ['docs', 'audit']],
    ['relay-ops', 'release-train', 'Tags and releases several repositories together', ['git', 'release']],
  ] as const)
    await published(publish(registry, { namespace, name, description, tags }));
  await callJson(registry, 'PUT', '/v1/workflows/acme/release-notes/1.0.0/yank', {
    reason: 'it read tags of other repositories',
  });
  await callJson(registry, 'PUT', '/v1/workflows/relay-ops/release-train/1.0.0/deprecate', {
    reason: 'one repository at a time is safer',
    replacement: 'acme/release-notes',
  });
  for (const path of ['acme/release-notes/1.2.0', 'acme/release-notes/1.2.0', 'acme/deploy/1.0.0'])
    await call(registry, `/v1/workflows/${path}/download`);
  await registry.deps.reads.downloads.flush();
}

async function published(answer: ReturnType<typeof publish>): Promise<void> {
  const { status, json } = await answer;
  if (status !== 201) throw new Error(`could not publish: ${JSON.stringify(json)}`);
}

/** Signs somebody in as the identity provider would, and returns the value of the session's cookie. */
export function signInAs(registry: TestRegistry, name: string, isAdmin = false): Promise<string> {
  const now = new Date(registry.deps.now());
  return openSession(registry.deps, {
    issuer: 'https://id.example.com',
    subject: name,
    name,
    isAdmin,
    authenticatedAt: now,
    issuedAt: now,
    expiresAt: new Date(now.getTime() + 3_600_000),
  });
}
