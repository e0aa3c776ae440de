/** Makes a number one of a type. */
export type Round = (value: number) => number;

/** Rounds to float32 where numbers are `single`, and else leaves them as they are. */
export const rounding = (single: boolean): Round => (single ? Math.fround : Number);
