import { createRegistryClient } from '@sheaf/client';

/** Prints what a search finds, best first, page by page. */
export async function search(url: string, text: string, signal?: AbortSignal): Promise<readonly string[]> {
  const client = createRegistryClient({ url });
  const found: string[] = [];
  try {
    let cursor: string | undefined;
    do {
      const page = await client.search({ text, limit: 50, cursor }, { signal });
      for (const { id, version, description } of page.hits) {
        found.push(id);
        console.log(id, version, description ?? '');
      }
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    return found;
  } finally {
    await client.close();
  }
}
