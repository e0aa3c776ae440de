const comma = 44;
const lineBreak = 10;
const quote = 34;

/**
 * Where the record at `start` ends, behind its line break: RFC 4180, with line breaks inside quotes. −1 where `bytes` end before. Quotes inside a cell
 * that does not begin with one are its text.
 */
export function endOfRecord(bytes: Buffer, start: number): number {
  let at = start;
  for (;;) {
    if (bytes[at] === quote) {
      for (at++; ; at += 2) {
        at = bytes.indexOf(quote, at);
        if (at === -1) return -1;
        if (bytes[at + 1] !== quote) break;
      }
    }
    while (at < bytes.length && bytes[at] !== comma && bytes[at] !== lineBreak) at++;
    if (at >= bytes.length) return -1;
    if (bytes[at++] === lineBreak) return at;
  }
}

/** Where the last of at most so many whole records ends; 0 where none is whole. */
export function cutRecords(bytes: Buffer, most: number): number {
  let at = 0;
  let nextQuote = bytes.indexOf(quote);
  for (let count = 0; count < most; count++) {
    let end = bytes.indexOf(lineBreak, at) + 1;
    if (end === 0) return at;
    if (nextQuote !== -1 && nextQuote < end) {
      end = endOfRecord(bytes, at);
      if (end === -1) return at;
      nextQuote = bytes.indexOf(quote, end);
    }
    at = end;
  }
  return at;
}

/** The cells of one record, which ends before its line break; null where text follows a closing quote, or there is none. */
export function splitRecord(record: string): string[] | null {
  const cells: string[] = [];
  let at = 0;
  for (;;) {
    let cell: string;
    if (record[at] === '"') {
      const start = at + 1;
      for (at++; ; at += 2) {
        at = record.indexOf('"', at);
        if (at === -1) return null;
        if (record[at + 1] !== '"') break;
      }
      cell = record.slice(start, at).replaceAll('""', '"');
      at++;
      if (at < record.length && record[at] !== ',') return null;
    } else {
      const end = record.indexOf(',', at);
      cell = record.slice(at, end === -1 ? record.length : end);
      at = end === -1 ? record.length : end;
    }
    cells.push(cell);
    if (at >= record.length) return cells;
    at++;
  }
}
