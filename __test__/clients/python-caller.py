"""Makes calls with grpcio for python-grpcio.test.ts, which says so in lines of JSON on standard input.

    python python-caller.py TARGET [CA]

Each line has the `call` it is about, and one of: `begin` (kind, metadata, timeout in seconds or null), `request` (a
message, base64), `end` (no more requests), `cancel`. Lines of the same form go out: `header`, `message`, then `status`
with code, text and trailer. Ends with its input.
"""

import base64
import json
import queue
import sys
import threading

import grpc
from connectum.test.v1 import echo_pb2, echo_pb2_grpc

output_lock = threading.Lock()


def say(call, **what):
    with output_lock:
        print(json.dumps({"call": call, **what}), flush=True)


def encoded(metadata):
    return [[k, base64.b64encode(v).decode() if isinstance(v, bytes) else v] for k, v in metadata or ()]


def decoded(metadata):
    return [(k, base64.b64decode(v) if k.endswith("-bin") else v) for k, v in metadata]


class Call:
    """A call in a thread of its own; its requests come through a queue, which None ends."""

    def __init__(self, stub, number, begin):
        self.number = number
        self.requests = queue.Queue()
        self.started = None
        threading.Thread(target=self.run, args=(stub, begin), daemon=True).start()

    def run(self, stub, begin):
        kind = begin["kind"]
        options = {"metadata": decoded(begin["metadata"]), "timeout": begin["timeout"]}
        stream = iter(self.requests.get, None)
        one_answer = kind in ("unary", "client stream")
        if kind == "unary":
            self.started = stub.Echo.future(next(stream), **options)
        elif kind == "client stream":
            self.started = stub.EchoClientStream.future(stream, **options)
        elif kind == "server stream":
            self.started = stub.EchoServerStream(next(stream), **options)
        else:
            self.started = stub.EchoBidiStream(stream, **options)
        try:
            for message in [self.started.result()] if one_answer else self.started:
                say(self.number, message=base64.b64encode(message.SerializeToString()).decode())
        except (grpc.RpcError, grpc.FutureCancelledError):
            pass  # The status says it.
        say(self.number, header=encoded(self.started.initial_metadata()))
        say(
            self.number,
            status=self.started.code().value[0],
            text=self.started.details() or "",
            trailer=encoded(self.started.trailing_metadata()),
        )


def main():
    target, *ca = sys.argv[1:]
    if ca:
        with open(ca[0], "rb") as file:
            channel = grpc.secure_channel(target, grpc.ssl_channel_credentials(file.read()))
    else:
        channel = grpc.insecure_channel(target)
    stub = echo_pb2_grpc.EchoServiceStub(channel)
    calls = {}
    for line in sys.stdin:
        order = json.loads(line)
        number = order["call"]
        if "begin" in order:
            calls[number] = Call(stub, number, order["begin"])
        elif "request" in order:
            calls[number].requests.put(echo_pb2.EchoRequest.FromString(base64.b64decode(order["request"])))
        elif "end" in order:
            calls[number].requests.put(None)
        elif "cancel" in order:
            calls[number].started.cancel()


main()
