/** Where the parser of a pattern stands. */
export interface Cursor {
  readonly text: string;
  at: number;
  depth: number;
}

/** Flags of the group that is being parsed; `(?i)` changes them for the rest of the group. */
export interface Flags {
  ignoreCase: boolean;
  multiline: boolean;
  dotAll: boolean;
}
