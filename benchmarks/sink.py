"""The server of the upload benchmark where the C one cannot be built: threads that read into one big buffer.

`python sink.py [CERT KEY]` prints its port. Same manners as sink.c, at a higher price in CPU.
"""

import re
import socket
import ssl
import sys
import threading

BLOCK = 1 << 20


def serve(sock: socket.socket, tls: ssl.SSLContext | None) -> None:
    """Answers the requests of one connection until the client is gone."""
    try:
        if tls:
            sock = tls.wrap_socket(sock, server_side=True)
        buffer, data = memoryview(bytearray(BLOCK)), b""
        while True:
            while b"\r\n\r\n" not in data:
                part = sock.recv(65_536)
                if not part:
                    return
                data += part
            head, _, data = data.partition(b"\r\n\r\n")
            length = int(_find(rb"content-length: (\d+)", head) or b"0")
            if b"100-continue" in head:
                sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            left = max(0, length - len(data))
            data = data[length:]
            while left:
                count = sock.recv_into(buffer[: min(left, BLOCK)])
                if not count:
                    return
                left -= count
            sock.sendall(_answer(head, secure=tls is not None))
    except OSError:
        return  # The client is gone; it tells its own story.
    finally:
        sock.close()


def _find(pattern: bytes, head: bytes) -> bytes | None:
    found = re.search(pattern, head, re.IGNORECASE)
    return found[1] if found else None


def _answer(head: bytes, *, secure: bool) -> bytes:
    if head.startswith(b"POST"):
        scheme, host = b"https" if secure else b"http", _find(rb"\nhost: ([^\r]+)", head) or b"localhost"
        return b"HTTP/1.1 200 OK\r\nLocation: %b://%b/session\r\nContent-Length: 0\r\n\r\n" % (scheme, host)
    last, total = (_find(rb"bytes \d+-(\d+)/", head), _find(rb"bytes \d+-\d+/(\d+)", head))
    if last and total and int(last) + 1 < int(total):
        return b"HTTP/1.1 308 Resume Incomplete\r\nRange: bytes=0-%b\r\nContent-Length: 0\r\n\r\n" % last
    return b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{"id":"v"}'


def main() -> None:
    tls = None
    if len(sys.argv) == 3:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(sys.argv[1], sys.argv[2])
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    print(listener.getsockname()[1], flush=True)
    while True:
        sock, _ = listener.accept()
        threading.Thread(target=serve, args=(sock, tls), daemon=True).start()


if __name__ == "__main__":
    main()
