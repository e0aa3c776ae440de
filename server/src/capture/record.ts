import { randomUUID } from 'node:crypto';

/** A request or an answer. */
export interface Captured {
  readonly contentType: string;
  readonly body: Uint8Array | string;
  /** How much of the body is JSON, where tensors follow it. */
  readonly jsonBytes?: number | undefined;
}

/** What is told of a request beside that. */
export interface Asked {
  /** The address that was asked, without its query. */
  readonly path: string;
  readonly model: string;
  readonly version: string;
  /** `X-Amzn-SageMaker-Inference-Id` */
  readonly inferenceId?: string | undefined;
}

/** What a call over gRPC holds: the message, without what gRPC puts before it on the wire. */
export const messageType = 'application/grpc+proto';

/** A line as Amazon SageMaker's data capture writes it; `path`, `model`, `version` and `jsonBytes` are ours, and there to replay it. */
export function recordOf(input: Captured, output: Captured, asked: Asked, time: Date): string {
  const { inferenceId, ...own } = asked;
  const jsonBytes = { input: input.jsonBytes, output: output.jsonBytes };
  return `${JSON.stringify({
    captureData: {
      endpointInput: sideOf(input, 'INPUT'),
      endpointOutput: sideOf(output, 'OUTPUT'),
    },
    eventMetadata: {
      eventId: randomUUID(),
      ...(inferenceId !== undefined && { inferenceId }),
      inferenceTime: time.toISOString().replace(/\.\d+/, ''),
      ...own,
      ...((jsonBytes.input ?? jsonBytes.output) !== undefined && { jsonBytes }),
    },
    eventVersion: '0',
  })}\n`;
}

function sideOf({ contentType, body }: Captured, mode: 'INPUT' | 'OUTPUT') {
  const [encoding, data] = encode(contentType, Buffer.from(body as string));
  return { observedContentType: contentType, mode, data, encoding };
}

/** Text as it is, if it is that; anything else in base64. */
function encode(contentType: string, bytes: Buffer): [encoding: string, data: string] {
  const isText = /json|csv|text|urlencoded/.test(contentType);
  const text = bytes.toString('utf8');
  if (!isText || !Buffer.from(text).equals(bytes)) return ['BASE64', bytes.toString('base64')];
  return [contentType.includes('csv') ? 'CSV' : 'JSON', text];
}
