import { createServer } from 'node:http';

/** An OTLP receiver that takes what comes and says 200. */
export async function receiveTraces() {
  let bytes = 0;
  const server = createServer((request, response) => {
    request.on('data', (part) => (bytes += part.length)).on('end', () => response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end());
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { address: `http://127.0.0.1:${server.address().port}`, bytes: () => bytes, close: () => server.close() };
}
