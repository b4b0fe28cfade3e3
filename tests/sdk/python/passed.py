"""A provider of what passes through: images, files in multipart, and realtime over a WebSocket.

    passed.py PORT KEY

Written from OpenAI's API reference. It looks at the credential, and keeps files as it got them.
"""

import base64
import email.parser
import email.policy
import hashlib
import http.server
import json
import struct
import sys

KEY = sys.argv[2]
ACCEPT = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
FILES = {}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def body(self):
        if self.headers.get("transfer-encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("content-length", 0)))
        pieces = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            pieces.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(pieces)

    def answer(self, body, status=200, kind="application/json"):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def forms(self):
        """The parts of a form, by name: file names and bytes."""
        head = f"content-type: {self.headers['content-type']}\r\n\r\n".encode()
        form = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + self.body())
        return {
            part.get_param("name", header="content-disposition"): (part.get_filename(), part.get_payload(decode=True))
            for part in form.iter_parts()
        }

    def is_ours(self):
        if self.headers.get("authorization") == f"Bearer {KEY}":
            return True
        self.answer({"error": {"message": "Incorrect API key provided.", "code": "invalid_api_key"}}, 401)
        return False

    def do_POST(self):
        if not self.is_ours():
            return
        if self.path == "/v1/images/generations":
            asked = json.loads(self.body())
            picture = base64.b64encode(asked["prompt"].encode()).decode()
            usage = {"input_tokens": 5, "output_tokens": 7, "total_tokens": 12,
                     "input_tokens_details": {"text_tokens": 5, "image_tokens": 0}}
            self.answer({"created": 1767225600, "data": [{"b64_json": picture}], "usage": usage})
        elif self.path == "/v1/files":
            form = self.forms()
            name, content = form["file"]
            made = {
                "id": f"file-{len(FILES)}", "object": "file", "bytes": len(content), "created_at": 1767225600,
                "filename": name, "purpose": form["purpose"][1].decode(), "status": "processed",
            }
            FILES[made["id"]] = made, content
            self.answer(made)
        else:
            self.answer({"error": {"message": f"nothing at {self.path}"}}, 404)

    def do_GET(self):
        if not self.is_ours():
            return
        if self.headers.get("upgrade", "").lower() == "websocket":
            self.talk()
            return
        _, _, kind, *rest = self.path.split("?")[0].split("/")
        found = FILES.get(rest[0]) if rest else None
        if kind == "files" and not rest:
            self.answer({"object": "list", "data": [file for file, _ in FILES.values()], "has_more": False})
        elif found is None:
            self.answer({"error": {"message": "No such File object"}}, 404)
        elif rest[1:] == ["content"]:
            self.answer(found[1], kind="application/octet-stream")
        else:
            self.answer(found[0])

    def do_DELETE(self):
        if self.is_ours():
            name = self.path.rsplit("/", 1)[-1]
            self.answer({"id": name, "object": "file", "deleted": FILES.pop(name, None) is not None})

    def talk(self):
        """A conversation: each item's text comes back when an answer is asked for."""
        accept = hashlib.sha1((self.headers["sec-websocket-key"] + ACCEPT).encode()).digest()
        self.send_response(101)
        self.send_header("upgrade", "websocket")
        self.send_header("connection", "Upgrade")
        self.send_header("sec-websocket-accept", base64.b64encode(accept).decode())
        if offered := self.headers.get("sec-websocket-protocol"):
            self.send_header("sec-websocket-protocol", offered.split(",")[0].strip())
        self.end_headers()
        self.close_connection = True
        self.tell({"type": "session.created", "event_id": "e0", "session": {"type": "realtime", "model": self.path.split("model=")[-1]}})
        text = ""
        while (event := self.heard()) is not None:
            if event["type"] == "conversation.item.create":
                text = event["item"]["content"][0]["text"]
            elif event["type"] == "response.create":
                place = {"response_id": "r", "item_id": "i", "output_index": 0, "content_index": 0}
                for word in text.split(" "):
                    self.tell({"type": "response.output_text.delta", "event_id": "e1", "delta": word} | place)
                usage = {"total_tokens": 8, "input_tokens": 3, "output_tokens": 5}
                self.tell({"type": "response.done", "event_id": "e2", "response": {"id": "r", "status": "completed", "usage": usage}})

    def heard(self):
        """The next message, `None` when the caller closes; messages here are of one frame."""
        head = self.rfile.read(2)
        if len(head) < 2 or head[0] & 15 == 8:
            self.wfile.write(b"\x88\x02\x03\xe8")
            return None
        size = head[1] & 127
        if size == 126:
            (size,) = struct.unpack(">H", self.rfile.read(2))
        mask, masked = self.rfile.read(4), self.rfile.read(size)
        return json.loads(bytes(byte ^ mask[place % 4] for place, byte in enumerate(masked)))

    def tell(self, event):
        data = json.dumps(event).encode()
        size = bytes([len(data)]) if len(data) < 126 else b"\x7e" + struct.pack(">H", len(data))
        self.wfile.write(b"\x81" + size + data)


if __name__ == "__main__":
    http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
