/** What a run is held to beside what its workflow declares; journaled with it. What is unset is not limited further. */
export interface RunRules {
  /** Where they are written, for messages. */
  readonly from: string;
  /** Of one attempt at a step that starts a process or does an action, milliseconds. */
  readonly timeoutMs?: number;
  /** Steps at the same time. */
  readonly maxParallel?: number;
  /** What one step may ask for of the machine. */
  readonly cpus?: number;
  readonly memoryBytes?: number;
  /** Items of one loop. */
  readonly items?: number;
  /** Bytes of one artifact. */
  readonly artifactBytes?: number;
  /** Processes and threads of one sandbox or container. */
  readonly processes?: number;
  /** Lists of container images, each of which must name one: by a digest, or by what it begins with, up to a `/`, `:` or `@`. */
  readonly images?: readonly (readonly string[])[];
}
