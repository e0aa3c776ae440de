import type { ArrayType } from '../../src/ir/index.js';

/** The fixed parts of a `.nut` file; SPEC.md says what they mean. */
export const formatVersion = { major: 1, minor: 1 } as const;

/** An array of six; the string "nuthatch"; an array of two (the version follows). */
export const magic = Uint8Array.from([
  0x96, 0xa8, 0x6e, 0x75, 0x74, 0x68, 0x61, 0x74, 0x63, 0x68, 0x92,
]);
export const headerStart = magic.length + 2;

export const payloadAlignment = 64;
export const tensorAlignment = 16;

/** Markers of the parts after the header: bin 8 (pad), bin 32 (payload), bin 8 of eight bytes (checksums). */
export const padMarker = 0xc4;
export const payloadMarker = 0xc6;
export const checksumMarker = [0xc4, 8] as const;
/** Bytes after the payload. */
export const trailerBytes = 10;

/** The key that stands for a tensor in the header, with its index in the table. */
export const tensorKey = '$tensor';

/** A tensor's entry in the header's table. */
export interface TensorEntry {
  readonly name: string;
  readonly dtype: ArrayType;
  readonly shape: readonly number[];
  /** From the payload's first byte on. */
  readonly offset: number;
  readonly length: number;
  readonly crc32: number;
}

/** Features of a file that change its meaning and that this reader knows. Version 1.0 has none. */
export const knownCritical: ReadonlySet<string> = new Set();
