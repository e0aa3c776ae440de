/**
 * The little of WebAssembly's binary format that the kernels need. Code is the bytes of instructions, in lists of lists; operands come before
 * what takes them from the stack.
 *
 * Source: https://webassembly.github.io/spec/core/binary/
 */
export type Code = number | readonly Code[];

const valueTypes = { i32: 0x7f, f32: 0x7d, f64: 0x7c, v128: 0x7b } as const;
export type ValueType = keyof typeof valueTypes;

/** Instructions that take what the code before them leaves. */
export const op = {
  /** The first of two values, if the third is not 0. */
  select: 0x1b,
  i32Eqz: 0x45,
  i32Equal: 0x46,
  i32Less: 0x48,
  i32LessUnsigned: 0x49,
  i32Greater: 0x4a,
  f32NotEqual: 0x5c,
  f32Greater: 0x5e,
  f64NotEqual: 0x62,
  f64Greater: 0x64,
  i32Add: 0x6a,
  i32Subtract: 0x6b,
  i32Multiply: 0x6c,
  i32CountOnes: 0x69,
  i32And: 0x71,
  i32Or: 0x72,
  i32Xor: 0x73,
  i32ShiftLeft: 0x74,
  i32ShiftRightUnsigned: 0x76,
  f32Subtract: 0x93,
  f64Add: 0xa0,
  f64Subtract: 0xa1,
  f64Multiply: 0xa2,
  i32FromF64: 0xab,
  f32FromF64: 0xb6,
  f64FromF32: 0xbb,
  /** A value to the address below it. */
  f32Store: [0x38, 2, 0],
  f64Store: [0x39, 3, 0],
  i32Store: [0x36, 2, 0],
  i32Store16: [0x3b, 1, 0],
  /** So many bytes of a value to an address, or from the second address to the first: length last. */
  memoryFill: [0xfc, 0x0b, 0],
  memoryCopy: [0xfc, 0x0a, 0, 0],
} as const;

const vectorOp = (code: number, ...immediates: readonly Code[]): Code => [
  0xfd,
  unsigned(code),
  immediates,
];

/** Instructions on 16 bytes. A comparison leaves all ones or 0 in the place of each number. */
export const simd = {
  /** Picks bytes of two vectors: numbers from 16 on are of the second. */
  shuffle: (...bytes: readonly number[]): Code => vectorOp(0x0d, bytes),
  /** Picks bytes of the first vector by the numbers in the second. */
  swizzle: vectorOp(0x0e),
  /** The number at the address, then zeros. */
  load32: vectorOp(0x5c, 2, 0),
  load64: vectorOp(0x5d, 3, 0),
  /** The number at the address below the vector, in the place of one of its own. */
  load32Lane: (lane: number): Code => vectorOp(0x56, 2, 0, lane),
  load64Lane: (lane: number): Code => vectorOp(0x57, 3, 0, lane),
  and: vectorOp(0x4e),
  or: vectorOp(0x50),
  xor: vectorOp(0x51),
  /** Bits of the first where the third has ones, else of the second. */
  choose: vectorOp(0x52),
  anyTrue: vectorOp(0x53),
  i32Splat: vectorOp(0x11),
  i32Equal: vectorOp(0x37),
  i32Greater: vectorOp(0x3b),
  i32AtLeastUnsigned: vectorOp(0x40),
  /** The highest bit of each of four numbers. */
  i32Bits: vectorOp(0xa4),
  i32ShiftLeft: vectorOp(0xab),
  i32ShiftRightUnsigned: vectorOp(0xad),
  i32Add: vectorOp(0xae),
  f32Splat: vectorOp(0x13),
  f32NotEqual: vectorOp(0x42),
  f32Greater: vectorOp(0x44),
  f32Subtract: vectorOp(0xe5),
  f64Splat: vectorOp(0x14),
  f64Equal: vectorOp(0x47),
  f64NotEqual: vectorOp(0x48),
  f64Greater: vectorOp(0x4a),
  f64Add: vectorOp(0xf0),
  f64Subtract: vectorOp(0xf1),
  f64Multiply: vectorOp(0xf2),
  f64Divide: vectorOp(0xf3),
  /** Two float64 as float32 before zeros, and the first two float32 as float64. */
  f32FromF64: vectorOp(0x5e),
  f64FromF32: vectorOp(0x5f),
} as const;

/** An int32 for each lane. */
export const lanes = (...values: readonly number[]): Code => [
  [0xfd, 0x0c],
  values.map((value) => [0, 8, 16, 24].map((shift) => (value >>> shift) & 255)),
];

/** Four of the eight lanes of two values. */
export const shuffle = (...chosen: readonly number[]): Code => [
  [0xfd, 0x0d],
  chosen.map((lane) => [0, 1, 2, 3].map((byte) => lane * 4 + byte)),
];

export const constant = (value: number): Code => [0x41, signed(value)];

/** What is `offset` bytes after the address on the stack. */
export function load(type: ValueType, offset: number): Code {
  const code = { i32: [0x28, 2], f32: [0x2a, 2], f64: [0x2b, 3], v128: [0xfd, 0, 4] }[type];
  return [code, unsigned(offset)];
}

/** As `load`, of a uint16. */
export const load16 = (offset: number): Code => [0x2f, 1, unsigned(offset)];

/** Sixteen bytes to what is `offset` bytes after the address below them. */
export const store = (offset: number): Code => [0xfd, 0x0b, 4, unsigned(offset)];

/** The float64 at `offset` bytes after the address on the stack, as both of a v128. */
export const loadTwice = (offset: number): Code => [0xfd, 0x0a, 3, unsigned(offset)];

/** One of the two float64 of a v128. */
export const lane = (number: 0 | 1): Code => [0xfd, 0x21, number];

/** Both float64 of a v128 are 0. */
export const zeros: Code = [0xfd, 0x0c, new Array<number>(16).fill(0)];

const noResult = 0x40;
const end = 0x0b;
/** A block that `leave` ends. */
export const block = (...body: readonly Code[]): Code => [0x02, noResult, body, end];
/** A block that `repeat` begins again; else it ends at its end. */
export const loop = (...body: readonly Code[]): Code => [0x03, noResult, body, end];
/** What runs if the number on the stack is not 0, and what else. Counts as a block for those that leave or repeat. */
export const when = (body: Code, otherwise: Code = []): Code => [
  [0x04, noResult, body],
  [0x05, otherwise, end],
];
/** `depth` counts the blocks and loops between, which are left, too. */
const branch = (depth: number): Code => [0x0c, depth];
/** As `branch`, if the number on the stack is not 0. */
const branchIf = (depth: number): Code => [0x0d, depth];

export { branch as leave, branch as repeat, branchIf as leaveIf, branchIf as repeatIf };

/** The variables of a function, its int32 parameters first, by name. */
export class Variables {
  readonly #parameters: number;
  readonly #numbers: Map<string, number>;
  readonly #types: ValueType[] = [];

  constructor(...parameters: string[]) {
    this.#parameters = parameters.length;
    this.#numbers = new Map(parameters.map((name, number) => [name, number]));
  }

  get(name: string, type: ValueType = 'i32'): Code {
    return [0x20, unsigned(this.#numberOf(name, type))];
  }

  /** Gives a variable the value that the code leaves. */
  set(name: string, value: Code, type: ValueType = 'i32'): Code {
    return [value, 0x21, unsigned(this.#numberOf(name, type))];
  }

  /** As `set`, and leaves the value. */
  tee(name: string, value: Code, type: ValueType = 'i32'): Code {
    return [value, 0x22, unsigned(this.#numberOf(name, type))];
  }

  /** A variable has the type of its first mention. */
  #numberOf(name: string, type: ValueType): number {
    const found = this.#numbers.get(name);
    if (found !== undefined) return found;
    const number = this.#parameters + this.#types.push(type) - 1;
    this.#numbers.set(name, number);
    return number;
  }

  /** A module that imports the memory `m.m`, which threads may share, and exports `f`: this function, with no result. */
  assemble(body: Code, shared = false): Uint8Array<ArrayBuffer> {
    const parameters = new Array<number>(this.#parameters).fill(valueTypes.i32);
    const declarations = vector(this.#types.map((type) => [1, valueTypes[type]]));
    const sections: readonly [id: number, item: Code][] = [
      [1, [0x60, vector(parameters), 0]],
      // A shared memory says how large it may grow; the import's limit is the largest there is.
      [2, [name('m'), name('m'), 2, shared ? [3, 1, unsigned(2 ** 16)] : [0, 1]]],
      [3, 0],
      [7, [name('f'), 0, 0]],
      [10, sized([declarations, body, end])],
    ];
    const magic = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
    return Uint8Array.from(
      flat([magic, sections.map(([id, item]) => [id, sized(vector([item]))])]),
    );
  }
}

/** The bytes of code. Ten times as fast as `flat`, which took most of the time that a forest took to prepare. */
function flat(code: readonly Code[], bytes: number[] = []): number[] {
  for (const part of code)
    if (typeof part === 'number') bytes.push(part);
    else flat(part, bytes);
  return bytes;
}

/** Code after its own length in bytes. */
function sized(code: readonly Code[]): Code {
  const bytes = flat(code);
  return [unsigned(bytes.length), bytes];
}

const vector = (items: readonly Code[]): readonly Code[] => [unsigned(items.length), items];

const name = (letter: string): Code => [1, letter.charCodeAt(0)];

/** LEB128 of an integer from 0 on. */
function unsigned(value: number): Code {
  return value < 0x80 ? value : [(value & 0x7f) | 0x80, unsigned(Math.floor(value / 0x80))];
}

/** LEB128 of an int32. */
function signed(value: number): Code {
  return value >= -0x40 && value < 0x40
    ? value & 0x7f
    : [(value & 0x7f) | 0x80, signed(value >> 7)];
}
