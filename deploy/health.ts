// The container's health check: succeeds when the server in the same container is ready.
import { env, exit } from "node:process";

const address = `http://127.0.0.1:${env["SERVER_PORT"] ?? "8000"}/readyz`;
const answer = await fetch(address, { signal: AbortSignal.timeout(3000) }).catch((error: Error) => error);
const isReady = answer instanceof Response && answer.ok;
if (!isReady) console.error(answer instanceof Response ? await answer.text() : answer.message);
exit(isReady ? 0 : 1);
