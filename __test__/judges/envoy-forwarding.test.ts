// Envoy in front of us.
import { startEnvoy } from "./envoy-proxy.ts";
import { judgeForwarding } from "./forwarding.ts";

judgeForwarding("Envoy", async (t, upstream) => {
  const { url } = await startEnvoy(t, { url: `http://127.0.0.1:${upstream}` });
  return Number(new URL(url).port);
});
