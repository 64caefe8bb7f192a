import { createServer } from "node:http";
import { createRemoteJWKSet, jwtVerify } from "jose";

const postkey = "http://localhost:8000";
const keys = createRemoteJWKSet(new URL(`${postkey}/auth/jwt/jwks.json`));

createServer(async (request, response) => {
  const token = /(?:^|; )sAccessToken=([^;]+)/.exec(request.headers.cookie ?? "")?.[1];
  try {
    const { payload } = await jwtVerify(token ?? "", keys, { issuer: `${postkey}/auth` });
    response.end(`Hello, user ${payload.sub}!`);
  } catch {
    const here = encodeURIComponent(`http://localhost:3000${request.url}`);
    response.writeHead(303, { location: `${postkey}/auth?returnTo=${here}` }).end();
  }
}).listen(3000);
