"""A QUIC server and client on 127.0.0.1, of aioquic with its defaults.

    quic.py server CERTIFICATE          prints `LISTENING port`; sends back what comes on each stream, until it is ended
    quic.py client CERTIFICATE PORT N   sends N bytes on one stream, and ends with 0 when they came back

The server writes a certificate of its own to the file CERTIFICATE, by which the client knows it. Both print one JSON line
per event.
"""

import asyncio
import datetime
import json
import os
import ssl
import sys
import time

from aioquic.asyncio import connect, serve
from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import HandshakeCompleted
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

NAME = "torii.test"
PROTOCOL = "torii-echo"


def tell(event, **details):
    print(json.dumps({"event": event, **details}), flush=True)


def make_certificate():
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    now = datetime.datetime.now(datetime.timezone.utc)
    day = datetime.timedelta(days=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - day)
        .not_valid_after(now + day)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return certificate, key


class Told(QuicConnectionProtocol):
    def quic_event_received(self, event):
        if isinstance(event, HandshakeCompleted):
            tell("handshake", protocol=event.alpn_protocol)
        super().quic_event_received(event)


async def run_server(path):
    certificate, key = make_certificate()
    with open(path, "wb") as file:
        file.write(certificate.public_bytes(serialization.Encoding.PEM))
    configuration = QuicConfiguration(is_client=False, alpn_protocols=[PROTOCOL])
    configuration.certificate, configuration.private_key = certificate, key

    async def echo(reader, writer):
        count = 0
        while data := await reader.read(65_536):
            count += len(data)
            writer.write(data)
        writer.write_eof()
        tell("echoed", bytes=count)

    def accept(reader, writer):
        tasks.add(asyncio.ensure_future(echo(reader, writer)))

    tasks = set()
    server = await serve(
        "127.0.0.1", 0, configuration=configuration, create_protocol=Told, stream_handler=accept
    )
    # aioquic tells the port the kernel chose nowhere else.
    print("LISTENING", server._transport.get_extra_info("sockname")[1], flush=True)
    await asyncio.Event().wait()


async def run_client(path, port, count):
    configuration = QuicConfiguration(
        is_client=True, alpn_protocols=[PROTOCOL], server_name=NAME, verify_mode=ssl.CERT_REQUIRED
    )
    configuration.load_verify_locations(path)
    sent = os.urandom(count)
    began = time.monotonic()
    async with connect("127.0.0.1", port, configuration=configuration, create_protocol=Told) as client:
        reader, writer = await client.create_stream()
        writer.write(sent)
        writer.write_eof()
        received = await reader.read()
        tell("received", bytes=len(received), equal=received == sent, seconds=time.monotonic() - began)
    return 0 if received == sent else 1


if sys.argv[1] == "server":
    asyncio.run(run_server(sys.argv[2]))
else:
    sys.exit(asyncio.run(run_client(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))))
