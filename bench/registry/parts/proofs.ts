import { runLoad, type Operation } from '../../lib/load.js';
import { fillLog } from '../fill-log.js';
import type { Part } from '../plan.js';
import { runRounds } from '../rounds.js';
import { targetOf } from '../row.js';
import { startSheaf } from '../servers/sheaf.js';
import { sheafPublish } from '../sheaf-publish.js';

const KIB = 1024;
const PROOFS_A_ROUND = 1_000;

/** Inclusion proofs of versions that were published when the log had a million leaves; each is asked for once. */
export const proofsPart: Part = {
  id: 'proofs',
  run: async (plan, scope) => {
    const size = plan.isQuick ? 20_000 : 1_000_000;
    const perRound = plan.isQuick ? 20 : PROOFS_A_ROUND;
    const dataDir = await plan.folder('sheaf-proofs');
    const filled = await startSheaf({ dataDir, workers: 1 }, scope);
    await fillLog(filled, size);
    const publishes: Operation[] = [];
    const paths: string[] = [];
    for (let i = 0; i < perRound * (plan.rounds + 1); i += 1) {
      publishes.push(await sheafPublish(filled, `proof-${i}`, '1.0.0', KIB));
      paths.push(`/v1/workflows/${filled.namespace}/proof-${i}/1.0.0/proof`);
    }
    const published = await runLoad(filled.url, publishes, { kind: 'closed', clients: 8 });
    if (published.failed > 0) throw new Error(published.firstFailure);
    await filled.stop();

    // Started anew: what a process has just placed it still holds.
    const server = await startSheaf({ dataDir, workers: 1 }, scope);
    let next = 0;
    const round = () => {
      const operations = paths.slice(next, (next += perRound)).map((path): Operation => askForProof(path));
      return runLoad(server.url, operations, { kind: 'closed', clients: 4 });
    };
    const cells = await runRounds([{ server, round }], plan.rounds);
    const [cell] = cells;
    const cpuMs = (cell?.serviceCpuMs ?? Number.NaN) + (cell?.databaseCpuMs ?? Number.NaN);
    return [
      {
        id: 'proofs',
        what: `inclusion proof among ${size.toLocaleString('en')} leaves, each asked for once`,
        cells,
        targets: [targetOf('≤ 1 CPU-ms in the registry', cell?.serviceCpuMs ?? Number.NaN, 'most', 1, cells)],
        notes: [`a proof takes, with the database, ${cpuMs.toFixed(2)} CPU-ms`],
      },
    ];
  },
};

function askForProof(path: string): Operation {
  return async (connection) => {
    const { status, body } = await connection.send({ path });
    if (status !== 200 || !body.includes('c2sp.org/tlog-proof'))
      throw new Error(`${path}: status ${status}: ${body.toString().slice(0, 200)}`);
  };
}
