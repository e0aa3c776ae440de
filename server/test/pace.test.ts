import { expect, test } from 'vitest';
import { Pace } from '../src/pace.js';

test('one pause does not make a model a slow one; a slow one is known by its second answer', () => {
  const pace = new Pace();
  for (const milliseconds of [0.1, 0.1, 80, 0.1]) pace.observeFew(milliseconds);
  expect(pace.fewMs).toBeLessThan(0.1);
  for (const milliseconds of [80, 80]) pace.observeFew(milliseconds);
  expect(pace.fewMs).toBeGreaterThan(10);
});
