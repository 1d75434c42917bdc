import type { FetchEvent } from '@sheaf/client';
import type { Context } from '../frame/context.js';
import { formatBytes, formatDuration } from '../terminal/text.js';

const AFTER_MS = 500;
/** Without a terminal smaller files are not worth a line. */
const TOLD_FROM_BYTES = 1024 * 1024;

/** What is downloaded right now, shown: bytes and rate of each on a terminal, elsewhere a line for each large file. */
export interface FetchProgress {
  /** Takes the events of one workflow. */
  of(label: string): (event: FetchEvent) => void;
  close(): void;
}

interface Transfer {
  readonly label: string;
  readonly startedMs: number;
  /** Bytes that an earlier download had kept. */
  readonly keptBytes: number;
  receivedBytes: number;
  readonly sizeBytes: number;
  readonly isWaiting: boolean;
}

/** Nothing is drawn in the first half second. */
export function openFetchProgress({ ui, now }: Pick<Context, 'ui' | 'now'>): FetchProgress {
  const live = ui.live(AFTER_MS);
  const transfers = new Set<Transfer>();
  live.set(() => [...transfers].map((transfer) => describe(transfer, now())));
  return {
    of(label) {
      let current: Transfer | undefined;
      const show = (next: Transfer | undefined): void => {
        if (current !== undefined) transfers.delete(current);
        if (next !== undefined) transfers.add(next);
        current = next;
      };
      const start = (keptBytes: number, sizeBytes: number, isWaiting: boolean): void => {
        show({ label, startedMs: now(), keptBytes, receivedBytes: keptBytes, sizeBytes, isWaiting });
      };
      return (event) => {
        if (event.type === 'download.waiting') start(0, event.sizeBytes, true);
        else if (event.type === 'download.started') start(event.receivedBytes, event.sizeBytes, false);
        else if (event.type === 'download.progress' && current !== undefined)
          current.receivedBytes = event.receivedBytes;
        else if (event.type === 'step') show(undefined);
        else if (event.type === 'download.finished') {
          show(undefined);
          if (!ui.stderr.canRedraw && event.sizeBytes >= TOLD_FROM_BYTES)
            ui.say(
              `fetched ${label}, ${formatBytes(event.sizeBytes)} in ${formatDuration(event.durationMs)}`,
            );
        }
      };
    },
    close: live.close,
  };
}

function describe(transfer: Transfer, nowMs: number): string {
  const { label, receivedBytes, sizeBytes, keptBytes } = transfer;
  if (transfer.isWaiting) return `  ${label}  another sheaf is downloading it, ${formatBytes(sizeBytes)}`;
  const seconds = (nowMs - transfer.startedMs) / 1000;
  const rate = seconds > 0 ? `, ${formatBytes(Math.max(0, receivedBytes - keptBytes) / seconds)}/s` : '';
  return `  fetching ${label}  ${formatBytes(receivedBytes)} of ${formatBytes(sizeBytes)}${rate}`;
}
