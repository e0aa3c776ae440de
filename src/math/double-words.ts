/** One double and its two 32-bit words, for reading exponents without allocating. */
export const double = new Float64Array(1);
export const words = /* @__PURE__ */ new Int32Array(double.buffer);
/** Which word holds sign and exponent: 1 on little-endian machines. */
export const HIGH_WORD = /* @__PURE__ */ findHighWord();

function findHighWord(): number {
  double[0] = 1;
  return words[1] === 0 ? 0 : 1;
}
