"""Asks for health and reflection with the clients of grpcio, for python-grpcio.test.ts. Answers in lines of JSON.

    python python-judge.py check TARGET [CA] < names
    python python-judge.py watch TARGET [CA] < name
    python python-judge.py reflect TARGET [CA] < questions

`check` and `watch` read the names of services, one a line, and answer with the name of a status each, or with
[code, details] of a call that failed; `watch` goes on until its stream ends. `reflect` reads a JSON document,
{"service", "questions": [{"method", "requests"}]}, and answers with all it has found of the service and with the responses.
"""

import json
import sys

import grpc
from google.protobuf import descriptor_pool, json_format, message_factory
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

TIMEOUT = 20


def say(what):
    print(json.dumps(what), flush=True)


def failure(error):
    return [error.code().name, error.details()]


def check(channel):
    stub = health_pb2_grpc.HealthStub(channel)
    for name in sys.stdin.read().split("\n"):
        try:
            answer = stub.Check(health_pb2.HealthCheckRequest(service=name), timeout=TIMEOUT)
            say(health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status))
        except grpc.RpcError as error:
            say(failure(error))


def watch(channel):
    stub = health_pb2_grpc.HealthStub(channel)
    request = health_pb2.HealthCheckRequest(service=sys.stdin.read())
    stream = stub.Watch(request, timeout=TIMEOUT)
    try:
        for answer in stream:
            say(health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status))
    except grpc.RpcError:
        pass  # The status says it.
    say(failure(stream))


def reflect(channel):
    asked = json.load(sys.stdin)
    database = ProtoReflectionDescriptorDatabase(channel)
    pool = descriptor_pool.DescriptorPool(database)
    service = pool.FindServiceByName(asked["service"])
    say({"services": list(database.get_services())})
    say({"file": service.file.name, "methods": {method.name: kind(method) for method in service.methods}})
    request = service.methods_by_name["Echo"].input_type
    say({"fields": {field.name: field.number for field in request.fields}})
    say({"extensions": list(database.FindAllExtensionNumbers(request.full_name))})
    for find in (pool.FindServiceByName, pool.FindMessageTypeByName, pool.FindFileByName):
        try:
            find("no.Such")
            say("found")
        except KeyError:
            say("not found")
    for question in asked["questions"]:
        method = service.methods_by_name[question["method"]]
        answers = call(channel, method, question["requests"], pool)
        say([json_format.MessageToDict(answer, descriptor_pool=pool) for answer in answers])


def kind(method):
    return [method.input_type.full_name, method.output_type.full_name, method.client_streaming, method.server_streaming]


def call(channel, method, requests, pool):
    """All responses; the classes of the messages are made from what reflection has told."""
    request_class = message_factory.GetMessageClass(method.input_type)
    response_class = message_factory.GetMessageClass(method.output_type)
    messages = [json_format.ParseDict(request, request_class(), descriptor_pool=pool) for request in requests]
    makers = {
        (False, False): channel.unary_unary,
        (False, True): channel.unary_stream,
        (True, False): channel.stream_unary,
        (True, True): channel.stream_stream,
    }
    make = makers[method.client_streaming, method.server_streaming]
    path = f"/{method.containing_service.full_name}/{method.name}"
    start = make(path, request_class.SerializeToString, response_class.FromString)
    answer = start(iter(messages) if method.client_streaming else messages[0], timeout=TIMEOUT)
    return list(answer) if method.server_streaming else [answer]


def main():
    command, target, *ca = sys.argv[1:]
    if ca:
        with open(ca[0], "rb") as file:
            channel = grpc.secure_channel(target, grpc.ssl_channel_credentials(file.read()))
    else:
        channel = grpc.insecure_channel(target)
    with channel:
        {"check": check, "watch": watch, "reflect": reflect}[command](channel)


main()
