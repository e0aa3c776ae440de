/** Sums of a row's columns, which are then taken in their order: bits say where there are any, and bits where such words are. */
export class Sums {
  readonly #sums: Int32Array | Float64Array | Float32Array;
  readonly #bits: Int32Array;
  readonly #words: Int32Array;

  /** `sums`: zeros, one a column, of the type that sums are rounded to. */
  constructor(sums: Int32Array | Float64Array | Float32Array) {
    this.#sums = sums;
    this.#bits = new Int32Array((sums.length >>> 5) + 1);
    this.#words = new Int32Array((sums.length >>> 10) + 1);
  }

  add(column: number, value: number): void {
    this.#sums[column]! += value;
    this.#bits[column >>> 5]! |= 1 << (column & 31);
    this.#words[column >>> 10]! |= 1 << ((column >>> 5) & 31);
  }

  /** Calls with each column that was added to, and its sum; then all are 0 again. */
  take(each: (column: number, sum: number) => void): void {
    for (let i = 0; i < this.#words.length; i++) {
      for (let words = this.#words[i]!; words !== 0; words &= words - 1) {
        const word = i * 32 + lowestBit(words);
        for (let bits = this.#bits[word]!; bits !== 0; bits &= bits - 1) {
          const column = word * 32 + lowestBit(bits);
          each(column, this.#sums[column]!);
          this.#sums[column] = 0;
        }
        this.#bits[word] = 0;
      }
      this.#words[i] = 0;
    }
  }
}

const lowestBit = (bits: number): number => 31 - Math.clz32(bits & -bits);
