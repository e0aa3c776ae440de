import Fastify from 'fastify';

/** What a server of Fastify can reach at best: a route that reads JSON and always answers the same. */
const app = Fastify();
app.post('/predict', async () => ({ prediction: [0] }));
await app.listen({ host: '127.0.0.1', port: Number(process.argv[2]) });
