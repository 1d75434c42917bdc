import { createRegistryClient, openAuditStore, openLogAudit } from '@sheaf/client';

/** A monitor that follows the public log over all restarts, from wherever it is served. */
export interface FaultAudit {
  /** Proves and judges every new entry; answers how many the log has. @throws ClientError when the log contradicts what was seen */
  catchUp(url: string): Promise<number>;
  close(): Promise<void>;
}

export async function startFaultAudit(url: string, dir: string): Promise<FaultAudit> {
  let client = createRegistryClient({ url });
  const { origin, logs } = await client.wellKnown();
  const logKey = logs[0]?.key;
  if (logKey === undefined) throw new Error('the registry names no log');
  const pin = { url: client.url, origin, logKey };
  const audit = openLogAudit(
    {
      getCheckpoint: () => client.getCheckpoint(),
      fetchTile: (level, index, width) => client.getTile(level, index, width),
      fetchEntries: (index, width) => client.getEntries(index, width),
      store: openAuditStore(dir, pin, 'public'),
    },
    { pin, realm: 'public' },
  );
  return {
    catchUp: async (at) => {
      await client.close();
      client = createRegistryClient({ url: at });
      return (await audit.catchUp()).size;
    },
    close: () => client.close(),
  };
}
