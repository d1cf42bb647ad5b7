"""A time-stamp authority of our own, run by `openssl ts`; and certificates for it."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

OPENSSL = shutil.which("openssl")
WHY_NOT = "no openssl program: it plays the time-stamp authority"
_CONFIG = """\
[tsa]
default_tsa = one
[one]
serial = {folder}/serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = {accuracy}
clock_precision_digits = 0
ordering = no
tsa_name = no
ess_cert_id_chain = no
ess_cert_id_alg = {ess}
"""


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, text)])


def _pem(one: x509.Certificate) -> bytes:
    return one.public_bytes(serialization.Encoding.PEM)


class Authority:
    """A root, an authority below it, and the program that answers requests in a folder."""

    def __init__(self, folder: Path, name: str, **wishes: object) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self.wishes = {"critical": True, "eku": True, "is_ca": True, "valid_days": 3650, **wishes}
        now = datetime.now(UTC)
        self.root_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        root_name = _name(f"{name} root")
        root = (
            x509.CertificateBuilder()
            .subject_name(root_name)
            .issuer_name(root_name)
            .public_key(self.root_key.public_key())
            .serial_number(1)
            .not_valid_before(now - timedelta(days=5000))
            .not_valid_after(now + timedelta(days=5000))
            .add_extension(
                x509.BasicConstraints(ca=bool(self.wishes["is_ca"]), path_length=None), True
            )
            .sign(self.root_key, hashes.SHA256())
        )
        key = (
            ec.generate_private_key(ec.SECP256R1())
            if self.wishes.get("kind") == "ec"
            else rsa.generate_private_key(public_exponent=65537, key_size=2048)
        )
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(f"{name} clock"))
            .issuer_name(root_name)
            .public_key(key.public_key())
            .serial_number(2)
            .not_valid_before(now - timedelta(days=3000))
            .not_valid_after(
                now
                - timedelta(days=3000)
                + timedelta(days=int(str(self.wishes["valid_days"])) + 3000)
            )
        )
        if self.wishes["eku"]:
            purposes = [x509.oid.ExtendedKeyUsageOID.TIME_STAMPING]
            builder = builder.add_extension(
                x509.ExtendedKeyUsage(purposes), bool(self.wishes["critical"])
            )
        self.root_pem = _pem(root)
        (folder / "root.pem").write_bytes(self.root_pem)
        (folder / "clock.pem").write_bytes(_pem(builder.sign(self.root_key, hashes.SHA256())))
        (folder / "clock.key").write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        (folder / "serial").write_text("01\n")
        told = {
            "folder": folder,
            "accuracy": self.wishes.get("accuracy", "secs:1"),
            "ess": self.wishes.get("ess", "sha256"),
        }
        (folder / "tsa.cnf").write_text(_CONFIG.format(**told))

    @property
    def roots(self) -> Path:
        return self.folder / "root.pem"

    def answer(self, request: Path, *, with_root: bool = False) -> Path:
        """The file of the reply to a request."""
        reply = self.folder / f"{request.stem}.tsr"
        more = ["-chain", str(self.roots)] if with_root else []
        done = subprocess.run(
            [
                str(OPENSSL),
                "ts",
                "-reply",
                "-config",
                str(self.folder / "tsa.cnf"),
                "-queryfile",
                str(request),
                "-signer",
                str(self.folder / "clock.pem"),
                "-inkey",
                str(self.folder / "clock.key"),
                *more,
                "-out",
                str(reply),
            ],
            capture_output=True,
            text=True,
            cwd=self.folder,
        )
        assert done.returncode == 0, done.stderr
        return reply
