import type { Generator } from '../lib/get-load.js';
import type { Scope } from '../lib/scope.js';
import type { BenchRow } from './row.js';

/** How long and how much: the same for every part. */
export interface Plan {
  readonly isQuick: boolean;
  readonly rounds: number;
  /** Of one round of one server. */
  readonly seconds: number;
  readonly generator: Generator;
  /** A new folder, removed at the end. */
  folder(name: string): Promise<string>;
}

/** A part of the benchmark: it starts what it needs in its scope, which is closed before the next part begins. */
export interface Part {
  readonly id: string;
  readonly run: (plan: Plan, scope: Scope) => Promise<readonly BenchRow[]>;
}
