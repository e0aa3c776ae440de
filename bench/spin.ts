import { parentPort } from 'node:worker_threads';

/** A thread that computes in registers alone, so many rounds as it is told, and says what came of it. */

/** Eight sums that do not wait for each other, so that nothing of a core is left to another thread on it. */
function spin(rounds: number): number {
  let [a, b, c, d, e, f, g, h] = [1, 2, 3, 4, 5, 6, 7, 8];
  for (let i = 0; i < rounds; i++) {
    a = (a + i) ^ b;
    b = ((b ^ i) + 3) | 0;
    c = (c + i) ^ d;
    d = ((d ^ i) + 5) | 0;
    e = (e + i) ^ f;
    f = ((f ^ i) + 7) | 0;
    g = (g + i) ^ h;
    h = ((h ^ i) + 9) | 0;
  }
  return a ^ b ^ c ^ d ^ e ^ f ^ g ^ h;
}

parentPort!.on('message', (rounds: number) => parentPort!.postMessage(spin(rounds)));
