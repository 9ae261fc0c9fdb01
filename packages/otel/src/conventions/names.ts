// Names of attributes and events, and the header of calls in process. Those of version 1.2, unless it says otherwise.

export const RPC_SYSTEM_CONNECT_RPC = "connect_rpc";
export const ATTR_RPC_SYSTEM = "rpc.system";
export const ATTR_RPC_SERVICE = "rpc.service";
/** The method's name; with the stable names the whole `pkg.Service/Method`. */
export const ATTR_RPC_METHOD = "rpc.method";
/** A number, and only on failure. */
export const ATTR_RPC_CONNECT_RPC_STATUS_CODE = "rpc.connect_rpc.status_code";
export const ATTR_ERROR_TYPE = "error.type";
export const ATTR_SERVER_ADDRESS = "server.address";
export const ATTR_SERVER_PORT = "server.port";
export const ATTR_NETWORK_PROTOCOL_NAME = "network.protocol.name";
export const ATTR_NETWORK_TRANSPORT = "network.transport";
export const ATTR_NETWORK_PEER_ADDRESS = "network.peer.address";
export const ATTR_NETWORK_PEER_PORT = "network.peer.port";
/** On spans: `in-process` or `http`. */
export const ATTR_CONNECTUM_TRANSPORT = "connectum.transport";
/** The same on metrics. */
export const ATTR_CONNECTUM_TRANSPORT_METRIC = "transport";

/** The header by which `@connectum/core` marks calls in process. */
export const CONNECTUM_INTERNAL_TRANSPORT_HEADER = "connectum-internal-transport";
export const CONNECTUM_INTERNAL_TRANSPORT_IN_PROCESS = "in-process";

/** The event of a message. */
export const RPC_MESSAGE_EVENT = "rpc.message";
/** `SENT` or `RECEIVED`. */
export const ATTR_RPC_MESSAGE_TYPE = "rpc.message.type";
/** The position in its direction, from 1. */
export const ATTR_RPC_MESSAGE_ID = "rpc.message.id";
/** Bytes. */
export const ATTR_RPC_MESSAGE_UNCOMPRESSED_SIZE = "rpc.message.uncompressed_size";
