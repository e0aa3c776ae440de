import { NuthatchError, refuse } from '../../src/errors.js';
import { type Numbers, readFloats, readIntegers, readStrings } from './lists.js';
import { Message, type Source } from './protobuf.js';
import { readTensor, type Tensor } from './tensor.js';

/** What is read of a ModelProto. */
export interface OnnxModel {
  readonly producer: string;
  readonly producerVersion: string;
  /** Versions of operators by domain; '' is ONNX's own. */
  readonly versions: ReadonlyMap<string, number>;
  readonly graph: Graph;
}

export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly constants: ReadonlyMap<string, Tensor>;
  readonly inputs: readonly GraphInput[];
  readonly outputs: readonly string[];
}

export interface GraphNode {
  readonly operator: string;
  readonly domain: string;
  readonly name: string;
  /** Names of values; '' where one is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
}

export interface GraphInput {
  readonly name: string;
  /** The number of its tensor's type; 0 of what is no tensor. */
  readonly type: number;
  /** Sizes, null where they are open; null of what has none. */
  readonly shape: readonly (number | null)[] | null;
}

export type Attribute = number | string | Tensor | Numbers | readonly string[] | typeof unread;

/** An attribute of another type: graphs, types, sparse tensors. */
export const unread: unique symbol = Symbol('unread');

export function readModel(source: Source): OnnxModel {
  const message = new Message(source);
  let producer = '';
  let producerVersion = '';
  let graph: Graph | null = null;
  const versions = new Map<string, number>();
  while (message.next()) {
    switch (message.number) {
      case 2:
        producer = message.text();
        break;
      case 3:
        producerVersion = message.text();
        break;
      case 7:
        if (graph) throw message.malformed('a second graph');
        graph = readGraph(message.message());
        break;
      case 8: {
        const [domain, version] = readVersion(message.message());
        if ((versions.get(domain) ?? version) !== version)
          throw message.malformed(`two versions of the operators of "${domain}"`);
        versions.set(domain, version);
        break;
      }
      case 25:
        refuse('unsupported', 'functions', 'functions of the model itself are not supported');
    }
  }
  if (!graph) throw new NuthatchError('malformed', '', 'the model has no graph');
  return { producer, producerVersion, versions, graph };
}

function readVersion(message: Message): [domain: string, version: number] {
  let domain = '';
  let version = 0;
  while (message.next()) {
    if (message.number === 1) domain = message.text();
    if (message.number === 2) version = message.integer();
  }
  // The name of ONNX's own operators that some writers spell out.
  return [domain === 'ai.onnx' ? '' : domain, version];
}

function readGraph(message: Message): Graph {
  const nodes: GraphNode[] = [];
  const constants = new Map<string, Tensor>();
  const inputs: GraphInput[] = [];
  const outputs: string[] = [];
  while (message.next()) {
    switch (message.number) {
      case 1:
        nodes.push(readNode(message.message()));
        break;
      case 5: {
        const tensor = readTensor(message.message());
        if (constants.has(tensor.name)) throw message.malformed('two constants of one name');
        constants.set(tensor.name, tensor);
        break;
      }
      case 11:
        inputs.push(readInput(message.message()));
        break;
      case 12:
        outputs.push(readInput(message.message()).name);
        break;
      case 15:
        refuse('unsupported', 'sparse_initializer', 'sparse constants are not supported');
    }
  }
  return { nodes, constants, inputs, outputs };
}

function readNode(message: Message): GraphNode {
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes = new Map<string, Attribute>();
  let operator = '';
  let domain = '';
  let name = '';
  while (message.next()) {
    switch (message.number) {
      case 1:
        inputs.push(message.text());
        break;
      case 2:
        outputs.push(message.text());
        break;
      case 3:
        name = message.text();
        break;
      case 4:
        operator = message.text();
        break;
      case 5: {
        const [key, value] = readAttribute(message.message());
        if (attributes.has(key)) throw message.malformed('two attributes of one name');
        attributes.set(key, value);
        break;
      }
      case 7:
        domain = message.text();
    }
  }
  return {
    operator,
    domain: domain === 'ai.onnx' ? '' : domain,
    name,
    inputs,
    outputs,
    attributes,
  };
}

/** The field that holds an attribute's value, by the type that it says it has. */
const oneOf: ReadonlyMap<number, number> = new Map([
  [1, 2],
  [2, 3],
  [3, 4],
  [4, 5],
]);
const listOf: ReadonlyMap<number, 'floats' | 'integers' | 'strings'> = new Map([
  [6, 'floats'],
  [7, 'integers'],
  [8, 'strings'],
]);

function readAttribute(message: Message): [name: string, value: Attribute] {
  let name = '';
  let type = 0;
  let strings = 0;
  const found = new Map<number, Attribute>();
  while (message.next()) {
    const { number } = message;
    if (number === 1) name = message.text();
    else if (number === 2) found.set(number, message.float());
    else if (number === 3) found.set(number, message.integer());
    else if (number === 4) found.set(number, message.text());
    else if (number === 5) found.set(number, readTensor(message.message()));
    else if (number === 9) strings++;
    else if (number === 20) type = message.integer();
  }
  const list = listOf.get(type);
  if (list === 'floats') return [name, readFloats(message, 7, 4)];
  if (list === 'integers') return [name, readIntegers(message, 8)];
  if (list === 'strings') return [name, readStrings(message, 9, strings)];
  const field = oneOf.get(type);
  if (field === undefined) return [name, unread];
  // Zeros and empty strings may be left out.
  const absent: Attribute = field === 4 ? '' : field === 5 ? unread : 0;
  return [name, found.get(field) ?? absent];
}

function readInput(message: Message): GraphInput {
  let name = '';
  let type = 0;
  let shape: (number | null)[] | null = null;
  while (message.next()) {
    if (message.number === 1) name = message.text();
    if (message.number !== 2) continue;
    const own = message.message();
    while (own.next()) {
      if (own.number !== 1) continue;
      const tensor = own.message();
      while (tensor.next()) {
        if (tensor.number === 1) type = tensor.integer();
        if (tensor.number === 2) shape = readShape(tensor.message());
      }
    }
  }
  return { name, type, shape };
}

function readShape(message: Message): (number | null)[] {
  const sizes: (number | null)[] = [];
  while (message.next()) {
    if (message.number !== 1) continue;
    const dimension = message.message();
    let size: number | null = null;
    while (dimension.next()) if (dimension.number === 1) size = dimension.integer();
    sizes.push(size);
  }
  return sizes;
}
