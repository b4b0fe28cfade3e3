"""An OTLP collector that keeps spans: POST /v1/traces takes them, GET /spans gives them.

It reads them with OpenTelemetry's own protobuf classes, so what it understands, others do.
"""

import gzip
import http.server
import json
import sys
import threading

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest, ExportTraceServiceResponse,
)


class Kept:
    spans, refused, lock = [], [], threading.Lock()


def plain(value):
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [plain(item) for item in value.array_value.values]
    if kind == "kvlist_value":
        return attributes(value.kvlist_value.values)
    return getattr(value, kind) if kind else None


def attributes(pairs):
    return {pair.key: plain(pair.value) for pair in pairs}


def spans_of(export):
    for resource in export.resource_spans:
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield {
                    "resource": attributes(resource.resource.attributes), "scope": scope.scope.name,
                    "trace": span.trace_id.hex(), "id": span.span_id.hex(), "parent": span.parent_span_id.hex(),
                    "name": span.name, "kind": span.kind, "status": span.status.code,
                    "start": span.start_time_unix_nano, "end": span.end_time_unix_nano,
                    "attributes": attributes(span.attributes),
                }


class Collector(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        try:
            found = list(spans_of(ExportTraceServiceRequest.FromString(body)))
            with Kept.lock:
                Kept.spans += found
            self.answer(200, ExportTraceServiceResponse().SerializeToString(), "application/x-protobuf")
        except DecodeError as error:
            with Kept.lock:
                Kept.refused.append(str(error))
            self.answer(400, b"", "application/x-protobuf")

    def do_GET(self):
        with Kept.lock:
            self.answer(200, json.dumps({"spans": Kept.spans, "refused": Kept.refused}).encode(), "application/json")

    def answer(self, status, body, kind):
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Collector).serve_forever()
