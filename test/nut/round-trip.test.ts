import { unpack } from 'msgpackr';
import { describe, expect, test } from 'vitest';
import { readNut, readNutContent, writeNut } from '../../formats/nut/index.js';
import { asPredictor, load } from '../../src/index.js';
import type { Linear, Trees } from '../../src/ir/index.js';
import { smallLinear, smallTree } from './small-models.js';

describe('.nut', () => {
  test('gives back what was written', () => {
    for (const model of [smallTree(), smallLinear()])
      expect(readNut(writeNut(model))).toEqual(model);
  });

  test('has the same bytes each time, also after reading', () => {
    const bytes = writeNut(smallTree());
    expect(writeNut(smallTree())).toEqual(bytes);
    expect(writeNut(readNut(bytes))).toEqual(bytes);
  });

  test('is one MessagePack document that any reader opens', () => {
    const document = unpack(writeNut(smallLinear())) as unknown[];
    expect(document).toHaveLength(6);
    expect(document.slice(0, 2)).toEqual(['nuthatch', [1, 1]]);
  });

  test('has its payload at a multiple of 64 bytes', () => {
    const bytes = writeNut(smallLinear());
    const { coefficients } = readNut(bytes).root as Linear;
    expect((coefficients.byteOffset - bytes.byteOffset) % 64).toBe(0);
  });

  test('is used in place where it lies aligned', () => {
    const bytes = writeNut(smallTree());
    const { nodes } = readNut(bytes).root as Trees;
    expect(nodes.buffer).toBe(bytes.buffer);
  });

  test('is copied, with the same answers, where it does not', () => {
    const bytes = writeNut(smallTree());
    for (let shift = 1; shift < 8; shift++) {
      const moved = new Uint8Array(new ArrayBuffer(bytes.length + 8), shift, bytes.length);
      moved.set(bytes);
      const { nodes } = readNut(moved).root as Trees;
      expect(nodes.buffer).not.toBe(moved.buffer);
      const rows = [
        [0.1, 0],
        [0.2, 0],
      ];
      expect(asPredictor(load(moved)).predict(rows)).toEqual(
        asPredictor(load(bytes)).predict(rows),
      );
    }
  });

  test('keeps −0 and NaN in tensors', () => {
    const { reference } = readNut(writeNut(smallTree()));
    expect(Object.is((reference!.counts as Float64Array)[2], -0)).toBe(true);
  });

  test('names its tensors by their place', () => {
    const { tensors } = readNutContent(writeNut(smallLinear()));
    expect(tensors.map(({ name }) => name)).toEqual(['root.coefficients', 'root.intercepts']);
  });

  test('can be read without the payload’s checksum, and only then with a changed payload', () => {
    const bytes = writeNut(smallLinear());
    const at = readNut(bytes).root as Linear;
    bytes[at.coefficients.byteOffset - bytes.byteOffset]! ^= 1;
    expect(() => readNut(bytes)).toThrowError(/tensor "root.coefficients": the file is damaged/);
    expect(readNut(bytes, { checksum: 'header' }).root.kind).toBe('linear');
  });

  test('refuses to write a name that UTF-8 cannot hold', () => {
    const model = smallLinear();
    const input = { ...model.input, names: ['a', 'b\ud800'] };
    expect(() => writeNut({ ...model, input } as typeof model)).toThrowError(
      /half a surrogate pair/,
    );
  });
});
