"""A page that counts its visitors: python3 app.py, then look at port 8000."""

import os
from http.server import BaseHTTPRequestHandler, HTTPServer

visitors = 0


class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        global visitors
        visitors += 1
        text = f"You are visitor {visitors}.\n".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


if __name__ == "__main__":
    port = int(os.environ.get("PORT", "8000"))
    print(f"listening on port {port}")
    HTTPServer(("", port), Page).serve_forever()
