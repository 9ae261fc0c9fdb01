// Makes unary calls again that no server has seen. docs/guide/production.md shows this code.
import { ConnectError, type Interceptor } from "@connectrpc/connect";

export const retryRefused: Interceptor = (next) => async (request) => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await next(request);
    } catch (error) {
      const wasRefused = ConnectError.from(error).message.includes("REFUSED_STREAM");
      if (request.stream || !wasRefused || attempt === 3) throw error;
    }
  }
};
