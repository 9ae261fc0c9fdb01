// What a test asks of the page, and what the page has got.

/** A call that a test asks for. */
export interface PageCall {
  readonly url: string;
  readonly client: "connect" | "grpc-web" | "official grpc-web";
  readonly method: "echo" | "echoGet" | "echoServerStream";
  readonly text: string;
  readonly count?: number;
  readonly headers?: Record<string, string>;
  /** Sends cookies along. */
  readonly credentials?: boolean;
  /** Cancels a stream after this many messages. */
  readonly cancelAfter?: number;
}

/** What the page has got of the response. */
export interface PageResult {
  texts: string[];
  header: Record<string, string>;
  trailer: Record<string, string>;
  error?: { code: string; message: string; details: string[]; metadata: Record<string, string> };
}
