import type { TestRegistry } from './test-registry.js';
import { openNamespace, publish } from './upload.js';

/** A workflow with some versions, in a namespace that is made for it unless it is there. */
export async function openChannelWorkflow(
  registry: TestRegistry,
  namespace: string,
  name: string,
  versions: readonly string[],
): Promise<void> {
  await openNamespace(registry, namespace);
  for (const version of versions) {
    const { status, json } = await publish(registry, { namespace, name, version });
    if (status !== 201) throw new Error(`${version} is not published: ${JSON.stringify(json)}`);
  }
}
