// nginx in front of us, with grpc_pass.
import { judgeForwarding } from "./forwarding.ts";
import { startProxy } from "./proxy-process.ts";

/** One process, so that it ends with its test. Limits of size and time are those of the server. */
const configuration = (port: number, upstream: number, folder: string) => `
daemon off;
master_process off;
pid ${folder}/pid;
error_log stderr;
events {}
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  fastcgi_temp_path ${folder}/fastcgi;
  proxy_temp_path ${folder}/proxy;
  scgi_temp_path ${folder}/scgi;
  uwsgi_temp_path ${folder}/uwsgi;
  upstream server {
    server 127.0.0.1:${upstream};
    keepalive 32;
  }
  server {
    listen 127.0.0.1:${port} http2;
    client_max_body_size 0;
    client_body_timeout 1h;
    location / {
      grpc_pass grpc://server;
      grpc_read_timeout 1h;
      grpc_send_timeout 1h;
    }
  }
}
`;

judgeForwarding("nginx", (t, upstream) =>
  startProxy(
    t,
    { program: "nginx", args: (folder, file) => ["-p", folder, "-e", "stderr", "-c", file], configuration },
    upstream,
  ),
);
