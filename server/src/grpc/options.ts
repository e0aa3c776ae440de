import { Type } from '../typebox.js';

/** Settings of gRPC, which is off without them. */
export const grpcOptions = Type.Object(
  {
    port: Type.Integer({
      minimum: 0,
      maximum: 65_535,
      description: 'Where the Open Inference Protocol is served over gRPC; 0 for any that is free',
    }),
  },
  { additionalProperties: false },
);
