/** What a code stands for, in sentences without their full stops. */
export type Explanation = readonly [what: string, why: string, todo: string];
