import { witnessVerifierOf } from '@sheaf/bundle';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { makeDataDir } from '../data-dir.js';
import { listen } from '../listen.js';
import { lockDataDir } from '../postgres/datadir-lock.js';
import { createWitness } from './witness.js';
import type { WitnessConfig } from './witness-config.js';
import { loadWitnessKey } from './witness-key.js';
import { createWitnessServer } from './witness-server.js';
import { openWitnessStore } from './witness-store.js';

export interface RunningWitness {
  readonly url: string;
  /** Its vkey: what registries and witness policies name it by. */
  readonly verifierKey: string;
  /** Whether this start made its key: it has cosigned nothing before. */
  readonly isNew: boolean;
  stop(): Promise<void>;
}

const DRAIN_TIMEOUT_MS = 5_000;

/** Starts a witness. @throws StartError, BundleError and others with `code` and `hint` */
export async function startWitness(config: WitnessConfig, log: Logger): Promise<RunningWitness> {
  await makeDataDir(config.dataDir);
  const lock = await lockDataDir(config.dataDir);
  try {
    const { name, key, isNew } = await loadWitnessKey(config.dataDir, config.name, defaultName(hostname()));
    const origins = [...new Set(config.logs.map((one) => one.name))];
    const verifierKey = witnessVerifierOf(name, key.publicKey.raw).text;
    const witness = createWitness({
      name,
      key,
      logs: config.logs,
      store: await openWitnessStore(join(config.dataDir, 'logs'), origins),
      now: () => Date.now(),
      onRefusal: (refusal) => {
        if (refusal.reason === 'contradiction') log.error(refusal, 'a log has signed two trees of one size');
        else log.warn(refusal, 'a checkpoint does not verifiably extend the one before it');
      },
    });
    const server = createWitnessServer({ witness, verifierKey, log });
    const url = await listen(server, { ...config, flag: '--listen' });
    return {
      url,
      verifierKey,
      isNew,
      stop: async () => {
        await new Promise<void>((resolve) => {
          const force = setTimeout(() => {
            server.closeAllConnections();
          }, DRAIN_TIMEOUT_MS);
          server.close(() => {
            clearTimeout(force);
            resolve();
          });
          server.closeIdleConnections();
        });
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** A host name that a key can be called by; `witness` for one that it cannot. */
function defaultName(host: string): string {
  const name = host.toLowerCase();
  return /^[a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?$/.test(name) ? name : 'witness';
}
