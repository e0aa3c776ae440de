import { NuthatchError } from 'nuthatch';
import { type OpenFile, readAt } from '../file.js';
import {
  describeField,
  type Field,
  type LogicalType,
  logicalNames,
  nestedField,
  physicals,
  type SchemaElement,
} from './field.js';
import {
  beginList,
  type Cursor,
  readBoolean,
  readInteger,
  readList,
  readStruct,
  readText,
} from './thrift.js';

/** What the end of a file says of it. */
export interface Footer {
  readonly rows: number;
  readonly fields: readonly Field[];
  /** Groups of rows, in their order, with the chunks of some columns. They are read again each time, as there may be many. */
  groups(leaves: readonly number[]): Generator<RowGroup>;
}

export interface RowGroup {
  readonly rows: number;
  /** One for each leaf that was asked for. */
  readonly chunks: readonly Chunk[];
}

/** Where a column of a group lies, and how. */
export interface Chunk {
  readonly codec: number;
  /** Its pages lie from here up to there. */
  readonly start: number;
  readonly end: number;
  readonly values: number;
}

const mostBytes = 2 ** 26;
const mostElements = 100_000;

/**
 * Reads the footer.
 *
 * @throws NuthatchError `truncated`, `malformed`, `unsupported`, `limit-exceeded`
 */
export function readFooter(file: OpenFile): Footer {
  const place = 'footer';
  if (file.size < 12)
    throw new NuthatchError('truncated', place, 'the file is too short to have one');
  const end = readAt(file, file.size - 8, 8);
  const mark = end.toString('latin1', 4);
  if (mark === 'PARE') throw new NuthatchError('unsupported', place, 'the file is encrypted');
  if (mark !== 'PAR1')
    throw new NuthatchError(
      readAt(file, 0, 4).toString('latin1') === 'PAR1' ? 'truncated' : 'malformed',
      place,
      'a Parquet file ends with PAR1, this one does not',
    );
  const length = end.readUInt32LE(0);
  if (length > file.size - 12)
    throw new NuthatchError('malformed', place, `its length is ${length}`);
  if (length > mostBytes)
    throw new NuthatchError('limit-exceeded', place, `${length} bytes, more than ${mostBytes}`);
  const bytes = readAt(file, file.size - 8 - length, length);
  return inFooter(() => parseFooter(bytes, file.size - 8 - length));
}

function parseFooter(bytes: Buffer, dataEnd: number): Footer {
  const cursor: Cursor = { bytes, offset: 0 };
  const elements: SchemaElement[] = [];
  let rows = -1;
  let groupsAt = -1;
  let groupsType = 0;
  readStruct(cursor, (field, type) => {
    if (field === 2)
      readList(cursor, type, () => {
        if (elements.length === mostElements)
          throw new NuthatchError('limit-exceeded', '', `more than ${mostElements} columns`);
        elements.push(readElement(cursor));
      });
    else if (field === 3) rows = readInteger(cursor, type);
    else if (field === 4) {
      groupsAt = cursor.offset;
      groupsType = type;
    }
  });
  if (rows < 0 || groupsAt === -1)
    throw new NuthatchError('malformed', '', 'it lacks the number of rows or their groups');
  return {
    rows,
    fields: fieldsOf(elements),
    *groups(leaves) {
      const at: Cursor = { bytes, offset: groupsAt };
      const { count } = inFooter(() => beginList(at, groupsType));
      let sum = 0;
      for (let index = 0; index < count; index++) {
        const group = inFooter(() => readGroup(at, leaves, dataEnd));
        sum += group.rows;
        yield group;
      }
      if (sum !== rows)
        throw new NuthatchError('malformed', 'footer', `${rows} rows, but its groups have ${sum}`);
    },
  };
}

/** Errors name the footer. */
function inFooter<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof NuthatchError) || error.path !== '') throw error;
    const code = error.code === 'truncated' ? 'malformed' : error.code;
    throw new NuthatchError(code, 'footer', error.message);
  }
}

function readElement(cursor: Cursor): SchemaElement {
  const element: SchemaElement = {
    physical: null,
    length: 0,
    repetition: 0,
    name: null,
    children: 0,
    converted: null,
    logical: null,
    scale: 0,
  };
  readStruct(cursor, (field, type) => {
    if (field === 1) {
      const physical = physicals[readInteger(cursor, type)];
      if (physical === undefined) throw new NuthatchError('malformed', '', 'a type is unknown');
      element.physical = physical;
    } else if (field === 2) element.length = readInteger(cursor, type);
    else if (field === 3) element.repetition = readInteger(cursor, type);
    else if (field === 4) element.name = readText(cursor, type);
    else if (field === 5) element.children = readInteger(cursor, type);
    else if (field === 6) element.converted = readInteger(cursor, type);
    else if (field === 7) element.scale = readInteger(cursor, type);
    else if (field === 10) element.logical = readLogical(cursor);
  });
  if (element.name === null) throw new NuthatchError('malformed', '', 'a column has no name');
  return element;
}

function readLogical(cursor: Cursor): LogicalType | null {
  let name: string | null = null;
  let [scale, bits, perSecond, signed] = [0, 0, 1000, true];
  readStruct(cursor, (field) => {
    name = logicalNames[field] ?? `of number ${field}`;
    readStruct(cursor, (part, type) => {
      if (name === 'DECIMAL' && part === 1) scale = readInteger(cursor, type);
      else if (name === 'INTEGER' && part === 1) bits = readInteger(cursor, type);
      else if (name === 'INTEGER' && part === 2) signed = readBoolean(cursor, type);
      else if (name === 'TIMESTAMP' && part === 2)
        readStruct(cursor, (unit) => {
          perSecond = 1000 ** unit;
        });
    });
  });
  return name === null ? null : { name, scale, bits, perSecond, signed };
}

/** Columns at the top; what lies below one that is nested is passed over. */
function fieldsOf(elements: readonly SchemaElement[]): Field[] {
  const [root] = elements;
  const wrong = new NuthatchError('malformed', '', 'its schema is no tree');
  if (!root || root.children < 0) throw wrong;
  const fields: Field[] = [];
  let leaf = 0;
  let at = 1;
  while (fields.length < root.children) {
    const top = elements[at++];
    if (!top || top.children < 0) throw wrong;
    if (top.children === 0) {
      fields.push(describeField(top, top.name!, leaf++));
      continue;
    }
    fields.push(nestedField(top.name!));
    for (let below = top.children; below > 0; below--) {
      const element = elements[at++];
      if (!element || element.children < 0) throw wrong;
      if (element.children === 0) leaf++;
      below += element.children;
    }
  }
  if (at !== elements.length) throw wrong;
  return fields;
}

function readGroup(cursor: Cursor, leaves: readonly number[], dataEnd: number): RowGroup {
  const wanted = new Map(leaves.map((leaf, i) => [leaf, i]));
  const chunks = new Array<Chunk | null>(leaves.length).fill(null);
  let rows = -1;
  readStruct(cursor, (field, type) => {
    if (field === 1)
      readList(cursor, type, (leaf) => {
        const index = wanted.get(leaf);
        if (index !== undefined) chunks[index] = readChunk(cursor, dataEnd);
      });
    else if (field === 3) rows = readInteger(cursor, type);
  });
  if (rows < 0 || chunks.includes(null))
    throw new NuthatchError('malformed', '', 'a group of rows lacks their number or a column');
  return { rows, chunks: chunks as Chunk[] };
}

function readChunk(cursor: Cursor, dataEnd: number): Chunk {
  let [codec, values, size, data, dictionary] = [-1, -1, -1, -1, 0];
  readStruct(cursor, (field, type) => {
    if (field === 1) {
      const path = readText(cursor, type);
      if (path !== '') throw new NuthatchError('unsupported', '', 'columns lie in other files');
    } else if (field === 8) throw new NuthatchError('unsupported', '', 'columns are encrypted');
    else if (field === 3)
      readStruct(cursor, (part, kind) => {
        if (part === 4) codec = readInteger(cursor, kind);
        else if (part === 5) values = readInteger(cursor, kind);
        else if (part === 7) size = readInteger(cursor, kind);
        else if (part === 9) data = readInteger(cursor, kind);
        else if (part === 11) dictionary = readInteger(cursor, kind);
      });
  });
  // Some writers give 0 where there is none.
  const start = dictionary > 0 && dictionary < data ? dictionary : data;
  const end = start + size;
  // Where there are no rows, it may lie anywhere.
  const isInside = values === 0 || (start >= 4 && size >= 0 && end <= dataEnd);
  if (codec < 0 || values < 0 || !isInside)
    throw new NuthatchError('malformed', '', 'a column lies outside of the file');
  return { codec, start, end, values };
}
