import type { FetchEvent } from '@sheaf/client';
import { expect, it } from 'vitest';
import { openFetchProgress } from './fetch-progress.js';

const MIB = 1024 * 1024;

/** A progress, what it says, and the lines that a terminal would show now. */
function setUp(canRedraw: boolean) {
  const said: string[] = [];
  let lines: () => readonly string[] = () => [];
  let nowMs = 0;
  const live = () => ({
    set: (next: typeof lines) => {
      lines = next;
    },
    clear: () => undefined,
    hold: () => () => undefined,
    close: () => undefined,
  });
  const ui = { live, say: (line: string) => said.push(line), stderr: { canRedraw } };
  const progress = openFetchProgress({ ui, now: () => nowMs } as unknown as Parameters<
    typeof openFetchProgress
  >[0]);
  return { said, progress, lines: () => lines(), pass: (ms: number) => (nowMs += ms) };
}

const started = (receivedBytes: number): FetchEvent => ({
  type: 'download.started',
  receivedBytes,
  sizeBytes: 8 * MIB,
});
const finished = (sizeBytes: number): FetchEvent => ({
  type: 'download.finished',
  sizeBytes,
  durationMs: 2000,
});

it('shows bytes and rate of each download, without those that were there before', () => {
  const { progress, lines, pass } = setUp(true);
  const [a, b] = [progress.of('acme/a'), progress.of('acme/b')];
  a(started(2 * MIB));
  b({ type: 'download.waiting', sizeBytes: 8 * MIB });
  pass(2000);
  a({ type: 'download.progress', receivedBytes: 4 * MIB, sizeBytes: 8 * MIB });
  expect(lines()).toEqual([
    '  fetching acme/a  4.0 MiB of 8.0 MiB, 1.0 MiB/s',
    '  acme/b  another sheaf is downloading it, 8.0 MiB',
  ]);
  a(finished(8 * MIB));
  expect(lines()).toHaveLength(1);
});

it('says a line for each large file where nothing can be drawn again', () => {
  const { progress, said } = setUp(false);
  const tell = progress.of('acme/a');
  tell(started(0));
  tell(finished(8 * MIB));
  progress.of('acme/b')(finished(MIB - 1));
  expect(said).toEqual(['fetched acme/a, 8.0 MiB in 2.0 s']);
});
