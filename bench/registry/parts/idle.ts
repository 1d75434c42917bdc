import { setTimeout as sleep } from 'node:timers/promises';
import { rssMbOf } from '../../lib/processes.js';
import { createPeers } from '../peers.js';
import type { Part } from '../plan.js';
import { targetOf, type Cell } from '../row.js';
import { startDockerRegistry } from '../servers/docker-registry.js';
import type { Server } from '../servers/server.js';
import { startSheaf } from '../servers/sheaf.js';
import { startVerdaccio } from '../servers/verdaccio.js';

const IDLE_MS = 10_000;

/** Memory of one process that has started, has answered a few requests and has nothing to do. */
export const idlePart: Part = {
  id: 'idle',
  run: async (plan, scope) => {
    const peers = createPeers(!plan.isQuick);
    const servers: (Server | undefined)[] = [
      await startSheaf({ dataDir: await plan.folder('sheaf-idle'), workers: 1 }, scope),
      await peers.find('Verdaccio', async () => startVerdaccio(await plan.folder('verdaccio-idle'), scope)),
      await peers.find('docker-registry', async () =>
        startDockerRegistry(await plan.folder('docker-registry-idle'), scope),
      ),
    ];
    await sleep(plan.isQuick ? 1_000 : IDLE_MS);
    const cells = servers.flatMap((server): Cell[] => {
      if (!server) return [];
      const database = rssMbOf(server.databasePids());
      return [
        {
          server: server.name,
          version: server.version,
          durability: server.durability,
          operations: 0,
          failed: 0,
          rssMb: rssMbOf(server.servicePids()),
          ...(database === 0
            ? {}
            : { note: `its database ${Math.round(database)} MB, shared pages counted in each process` }),
        },
      ];
    });
    return [
      {
        id: 'idle',
        what: 'memory of an idle process',
        cells,
        targets: [targetOf('≤ 110 MB', cells[0]?.rssMb ?? Number.NaN, 'most', 110)],
        notes: peers.notes,
      },
    ];
  },
};
