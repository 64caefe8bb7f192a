"""A mail server for tests, on Debian's python3-aiosmtpd: real SMTP, with STARTTLS or TLS from the first byte, and AUTH.

Every mail taken or refused becomes one JSON line in --out. The file named by --mode-file says how to behave: "ok",
"451" (come again later), "550" (never), or "drop" (hang up). It is read for every mail, so a test can change its mind.
"""

import argparse
import asyncio
import email
import email.policy
import json
import ssl
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult

ANSWERS = {"451": "451 4.3.0 Come again later", "550": "550 5.1.1 Nobody of that name here"}


def read_args():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--mode-file", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--tls", choices=["none", "starttls", "implicit"], default="none")
    parser.add_argument("--cert")
    parser.add_argument("--key")
    parser.add_argument("--user")
    parser.add_argument("--password")
    return parser.parse_args()


class Handler:
    def __init__(self, args):
        self.args = args

    def note(self, **event):
        with self.args.out.open("a") as out:
            out.write(json.dumps(event) + "\n")

    async def handle_DATA(self, server, session, envelope):
        mode = self.args.mode_file.read_text().strip()
        if mode == "drop":
            self.note(event="refused", code="drop", to=envelope.rcpt_tos)
            server.transport.abort()
            return "421 4.3.2 Going down"
        if mode in ANSWERS:
            self.note(event="refused", code=mode, to=envelope.rcpt_tos)
            return ANSWERS[mode]
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        parts = [part for part in mail.walk() if not part.is_multipart()]
        body = {part.get_content_type(): part.get_content() for part in parts}
        self.note(
            event="mail",
            encrypted=self.args.tls == "implicit" or session.ssl is not None,
            user=session.auth_data,
            sender=envelope.mail_from,
            to=envelope.rcpt_tos,
            kind=mail.get_content_type(),
            order=[part.get_content_type() for part in parts],
            headers=[[name, str(value)] for name, value in mail.items()],
            text=body.get("text/plain"),
            html=body.get("text/html"),
            raw=envelope.content.decode("latin-1"),
        )
        return "250 2.0.0 Taken"


async def main():
    args = read_args()

    def authenticate(server, session, envelope, mechanism, data):
        good = data.login.decode() == args.user and data.password.decode() == args.password
        return AuthResult(success=good, handled=False, auth_data=args.user if good else None)

    context = None
    if args.tls != "none":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(args.cert, args.key)

    def session():
        return SMTP(
            Handler(args),
            hostname="localhost",
            tls_context=context if args.tls == "starttls" else None,
            require_starttls=args.tls == "starttls",
            auth_required=args.user is not None,
            auth_require_tls=args.tls == "starttls",
            authenticator=authenticate if args.user else None,
        )

    loop = asyncio.get_running_loop()
    server = await loop.create_server(session, "127.0.0.1", args.port, ssl=context if args.tls == "implicit" else None)
    async with server:
        await server.serve_forever()


asyncio.run(main())
