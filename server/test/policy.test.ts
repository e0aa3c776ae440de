import { describe, expect, test } from 'vitest';
import { chooseVersions, createRandom, numberOf, policyOf, route, takerOf } from '../src/policy.js';

const there = ['1', '2', '9', '10', '11'];
const of = (own: object) => policyOf('m', { byName: { m: own } });
const loaded = (...versions: string[]) => versions.map((version) => ({ version }));

describe('the versions that are loaded', () => {
  test.each([
    [{}, ['11']],
    [{ versions: 'all' as const }, there],
    [{ versions: { latest: 2 } }, ['10', '11']],
    [{ versions: { only: [9, 2, 77] } }, ['2', '9']],
    [{ canary: { 11: 0.1 } }, ['10', '11']],
    [{ canary: { 2: 0.5, 9: 0.5 } }, ['2', '9']],
    [{ canary: { 9: 0.7, 10: 0.2, 11: 0.1 } }, ['9', '10', '11']],
    [{ shadow: 11 }, ['10', '11']],
    [{ versions: { latest: 1 }, shadow: 11, canary: { 10: 0.2 } }, ['9', '10', '11']],
  ])('of %j are %j', (own, expected) => {
    expect(chooseVersions(there, of(own))).toEqual(expected);
  });

  test('a model may differ from the others, whatever its name', () => {
    const options = { versions: 'all' as const, byName: { m: { versions: { latest: 1 } } } };
    expect(chooseVersions(there, policyOf('m', options))).toEqual(['11']);
    for (const name of ['other', '__proto__', 'constructor'])
      expect(chooseVersions(there, policyOf(name, options))).toEqual(there);
  });

  test('shares of more than 1, and a share of the shadow, are refused', () => {
    expect(() => of({ canary: { 1: 0.6, 2: 0.5 } })).toThrow(/more than 1/);
    expect(() => of({ canary: { 1: 0.6 }, shadow: 1 })).toThrow(/a shadow, which answers nobody/);
  });
});

describe('who answers', () => {
  const routing = route(loaded('9', '10', '11'), of({ canary: { 9: 0.25, 11: 0.25 } }));
  const at = (number: number) => takerOf(routing, () => number)?.version;

  test('by shares, the newest of the others for the rest', () => {
    expect([0, 0.2499, 0.25, 0.4999, 0.5, 0.9999].map(at)).toEqual([
      '9',
      '9',
      '11',
      '11',
      '10',
      '10',
    ]);
  });

  test('a share of a version that is not there goes to the primary, and moves no other', () => {
    const without = route(loaded('10', '11'), of({ canary: { 9: 0.25, 11: 0.25 } }));
    expect([0, 0.25, 0.5].map((n) => takerOf(without, () => n)?.version)).toEqual([
      '10',
      '11',
      '10',
    ]);
  });

  test('never the shadow, be it alone or the newest', () => {
    expect(route(loaded('10', '11'), of({ shadow: 11 }))).toMatchObject({
      primary: { version: '10' },
      shadow: { version: '11' },
    });
    expect(route(loaded('11'), of({ shadow: 11 })).primary).toBeNull();
  });

  test('a key gives one number, spread evenly and apart for each model', () => {
    const keys = Array.from({ length: 10_000 }, (_, i) => `user-${i}`);
    const share = keys.filter((key) => numberOf('m', key) < 0.1);
    expect(share.length).toBeGreaterThan(900);
    expect(share.length).toBeLessThan(1100);
    const both = share.filter((key) => numberOf('other', key) < 0.1);
    expect(both.length).toBeLessThan(200);
    expect(numberOf('m', 'user-1')).toBe(numberOf('m', 'user-1'));
  });

  test('a seed repeats its numbers, which are spread evenly', () => {
    const [one, same] = [createRandom(7), createRandom(7)];
    const numbers = Array.from({ length: 10_000 }, () => one());
    expect(numbers.slice(0, 5)).toEqual(Array.from({ length: 5 }, () => same()));
    const mean = numbers.reduce((sum, number) => sum + number) / numbers.length;
    expect(mean).toBeGreaterThan(0.49);
    expect(mean).toBeLessThan(0.51);
    expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
  });
});
