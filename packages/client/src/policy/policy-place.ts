/** Where a rule is written. */
export interface PolicyPlace {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
}
