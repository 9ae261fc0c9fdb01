// HAProxy in front of us, over HTTP/2 on both sides.
import { judgeForwarding } from "./forwarding.ts";
import { startProxy } from "./proxy-process.ts";

const configuration = (port: number, upstream: number) => `
global
  maxconn 1000
defaults
  mode http
  timeout connect 5s
  timeout client 1h
  timeout server 1h
frontend clients
  bind 127.0.0.1:${port} proto h2
  default_backend servers
backend servers
  server one 127.0.0.1:${upstream} proto h2
`;

judgeForwarding("HAProxy", (t, upstream) =>
  startProxy(t, { program: "haproxy", args: (_, file) => ["-db", "-f", file], configuration }, upstream),
);
