import type { Characters } from '../../src/ir/index.js';
import { characterTable } from './character-table.js';

let made: Characters | null = null;

/** What Python's strings know of characters. */
export function pythonCharacters(): Characters {
  made ??= readTable();
  return made;
}

function readTable(): Characters {
  const starts = [0];
  const sorts: number[] = [];
  let sort = 3;
  let number = 0;
  let place = 1;
  for (const char of characterTable) {
    const digit = char.charCodeAt(0) - 40;
    number += digit * place;
    place *= 15;
    if (digit >= 72) continue;
    sort = ((sort + (number % 4)) % 5) + 1;
    sorts.push(sort);
    starts.push(starts.at(-1)! + Math.floor(number / 4));
    number = 0;
    place = 1;
  }
  return { starts: Uint32Array.from(starts), sorts: Uint8Array.from(sorts) };
}
