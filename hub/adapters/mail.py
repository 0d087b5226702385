"""Tells by e-mail, over a mail server of the hall's own house or provider (SMTP)."""

from __future__ import annotations

import contextlib
import smtplib
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate

from hub.adapters.ca import client_context
from hub.adapters.outbox import DeliveryError, Letter
from hub.config import Contact

TIMEOUT_S = 10
"""How long the mail server may say nothing."""

SECURITIES = ("starttls", "tls", "none")
"""How the line to the mail server is kept private: TLS asked for after the greeting (port 587), from the first byte on
(port 465), or not at all: for a server on the same machine."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """`sender`: the address that mails come from. `security`: one of SECURITIES. `user` empty: no login. `ca_file`: PEM
    file that its certificate is checked with; None: what the system trusts."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = ""
    security: str = "starttls"
    ca_file: str | None = None


class Mail:
    """Connector to the address in `Contact.email`."""

    def __init__(self, server: MailServer, timeout_s: float = TIMEOUT_S):
        self._server = server
        self._timeout_s = timeout_s

    def address(self, contact: Contact) -> str:
        return contact.email

    def send(self, letter: Letter) -> None:
        try:
            connection = self._connected()
            try:
                self._hand_over(connection, self._mail(letter))
            finally:
                connection.close()
        except (smtplib.SMTPException, OSError, ValueError) as error:
            # mail servers repeat the address, which is personal and must not get into the log
            raise DeliveryError((str(error) or repr(error)).replace(letter.to.email, letter.to.id)) from error

    def _hand_over(self, connection: smtplib.SMTP, mail: EmailMessage) -> None:
        if self._server.security == "starttls":
            connection.starttls(context=client_context(self._server.ca_file))
        if self._server.user:
            connection.login(self._server.user, self._server.password)
        connection.send_message(mail)
        with contextlib.suppress(smtplib.SMTPException, OSError):
            connection.quit()  # the mail was taken: how the server says goodbye does not matter

    def _connected(self) -> smtplib.SMTP:
        where, port = self._server.host, self._server.port
        if self._server.security == "tls":
            context = client_context(self._server.ca_file)
            return smtplib.SMTP_SSL(where, port, timeout=self._timeout_s, context=context)
        return smtplib.SMTP(where, port, timeout=self._timeout_s)

    def _mail(self, letter: Letter) -> EmailMessage:
        """All languages in one mail: whoever reads it takes theirs. Message-ID is the same at every attempt."""
        mail = EmailMessage()
        mail["From"] = self._server.sender
        mail["To"] = letter.to.email
        mail["Subject"] = " / ".join(dict.fromkeys(" ".join(line.split()) for line in letter.title.values()))
        mail["Message-ID"] = f"<{letter.delivery}@{letter.hall}.jiaohao.invalid>"
        mail["Date"] = formatdate(letter.facts["raised_ms"] / 1000, localtime=False)
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content("\n\n".join(letter.text.values()) + "\n")
        return mail
