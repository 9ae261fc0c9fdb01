// Headers of the PROXY protocol, as proxies write them.
import { isIPv4 } from "node:net";

const SIGNATURE = Buffer.from("\r\n\r\n\0\r\nQUIT\n", "latin1");

/** Version 1, of a client at an address and a port, for a server at another. */
export function proxyV1(address: string, port: number, local = "198.51.100.1", localPort = 443): Buffer {
  const family = isIPv4(address) ? "TCP4" : "TCP6";
  return Buffer.from(`PROXY ${family} ${address} ${local} ${port} ${localPort}\r\n`);
}

/** Version 2, of a client with an IPv4 address. */
export function proxyV2(address: string, port: number, { tlvs = Buffer.alloc(0), command = 1 } = {}): Buffer {
  const body = Buffer.alloc(12);
  for (const [at, part] of address.split(".").entries()) body[at] = Number(part);
  body.set([198, 51, 100, 1], 4);
  body.writeUInt16BE(port, 8);
  body.writeUInt16BE(443, 10);
  return proxyV2Raw(0x20 | command, 0x11, Buffer.concat([body, tlvs]));
}

/** Version 2 with any bytes for version and command, and for family and protocol. */
export function proxyV2Raw(command: number, family: number, body: Uint8Array): Buffer {
  const fixed = Buffer.from([command, family, body.length >> 8, body.length & 0xff]);
  return Buffer.concat([SIGNATURE, fixed, body]);
}
