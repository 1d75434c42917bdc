import {
  createRegistryClient,
  openAuditStore,
  openLogAudit,
  openTrustStore,
  type AuditResult,
} from '@sheaf/client';

/** Follows the public log of a registry whose key is pinned, and judges every entry that it has gained. */
export async function watchLog(
  url: string,
  dirs: { readonly trust: string; readonly audit: string },
  signal?: AbortSignal,
): Promise<AuditResult> {
  const client = createRegistryClient({ url });
  const trust = await openTrustStore(dirs.trust);
  const pin = await trust.getPin(client.url);
  const realm = 'public';
  const audit = openLogAudit(
    {
      getCheckpoint: (o) => client.getCheckpoint(o),
      fetchTile: (level, index, width, o) => client.getTile(level, index, width, o),
      fetchEntries: (index, width, o) => client.getEntries(index, width, o),
      store: openAuditStore(dirs.audit, pin, realm),
    },
    { pin, realm },
  );
  try {
    // Call it again whenever you like: it goes on where it ended, also in another process.
    return await audit.catchUp({
      signal,
      pinned: pin.realms.get(realm)?.checkpoint ?? null,
      onEvent: ({ index, type, namespace }) => {
        console.log(index, type, namespace);
      },
    });
  } finally {
    await client.close();
  }
}
