"""Encrypted files of the shared leak: listed, and opened by the list that holds the password."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from program import succeed

# What tika's tests say of the password with characters from everywhere.
EVERYWHERE = '  ! < > " \\ € œ ¤ 1\u20444 1\u20442 \U0002070e \U00029d98 \U0001f600  '
# Each file, its password, and the place in it that must come out (None: the file's own text).
FILES: dict[str, tuple[str | None, str | None]] = {
    "docs/hostile-poi/document__password_tika_binaryrc4.doc": ("tika", "opened.doc"),
    "docs/hostile-poi/document__password_password_cryptoapi.doc": ("password", "opened.doc"),
    "docs/hostile-poi/spreadsheet__password.xls": ("password", "opened.xls"),
    "docs/hostile-poi/spreadsheet__xor-encryption-abc.xls": ("abc", "opened.xls"),
    "docs/hostile-poi/slideshow__Password_Protected-56-hello.ppt": ("hello", "opened.ppt"),
    "docs/tika/test-documents__testEXCEL_protected_passtika_2.xlsx": ("tika", "EncryptedPackage"),
    "docs/tika/test-documents__testPPT_protected_passtika.pptx": ("tika", "EncryptedPackage"),
    "mixed/ingest-file/fixtures__password_protected.xlsx": ("password", "EncryptedPackage"),
    "mime/spamassassin/olevbmacro__encrypted.eml": (
        "password",
        "encrypted_word_doc.docx/EncryptedPackage",
    ),
    "docs/tika/test-documents__testPDF_no_extract_no_accessibility_owner_user.pdf": ("user", None),
    "docs/tika/test-documents__testPDF_no_extract_yes_accessibility_owner_user.pdf": (
        "user",
        None,
    ),
    "docs/tika/test-documents__testUnicodePassword.pdf": (EVERYWHERE, None),
    "mime/spamassassin/olevbmacro__zippwmacro.eml": ("sa", "macro.zip/macro.xlsm"),
    "mime/tika/test-documents__testRFC822_encrypted_zip": ("test", "test.zip/text.txt"),
    "mixed/ingest-file/fixtures__7z_password.7z": ("password", "secret.txt"),
    # No password is known of these.
    "docs/hostile-poi/document__PasswordProtected.doc": (None, None),
    "mixed/ingest-file/fixtures__password_protected.xls": (None, None),
    "mime/rspamd/messages__pdf_encrypted.eml": (None, None),
    "docs/tika/test-documents__test-documents-enc.rar": (None, None),
}


def taken(folder: Path, shared_data: Path, *options: str | Path) -> dict[str, dict[str, Any]]:
    """The items by path, once all files were added to a case of their own."""
    folder.mkdir()
    case = folder / "case"
    succeed("new", case, "--title", "locked")
    succeed("add", case, *(shared_data / "leak" / name for name in FILES), *options)

    def rows(table: str) -> list[dict[str, Any]]:
        told = succeed("show", case, table, "--as", "jsonl")
        return [json.loads(line) for line in told.splitlines()]

    texts = {row["item_id"]: row for row in rows("document")}
    items = {row["item_id"]: row | texts.get(row["item_id"], {}) for row in rows("item")}
    return {row["path"]: items[row["item_id"]] for row in rows("place")}


def below(found: dict[str, dict[str, Any]], name: str) -> dict[str, dict[str, Any]]:
    top = Path(name).name
    return {path: row for path, row in found.items() if path.split("/")[0] == top}


@pytest.mark.shared_data
def test_encrypted_files_are_listed_and_opened(tmp_path: Path, shared_data: Path) -> None:
    known = dict.fromkeys(password for password, _ in FILES.values() if password)
    passwords = tmp_path / "passwords.txt"
    passwords.write_text("\n".join(["wrong", *known]) + "\n", encoding="utf-8")
    shut = taken(tmp_path / "shut", shared_data)
    opened = taken(tmp_path / "opened", shared_data, "--passwords", passwords)
    for name, (password, inside) in FILES.items():
        refused = [row for row in below(shut, name).values() if row["status"] == "refused"]
        assert refused, name
        assert any("password" in row["reason"] or "encrypted" in row["reason"] for row in refused)
        after = below(opened, name)
        if password is None:
            assert any(row["status"] == "refused" for row in after.values()), name
            continue
        top = Path(name).name
        assert [row["status"] for row in after.values()] == ["read"] * len(after), name
        row = after[f"{top}/{inside}" if inside else top]
        assert row["size_bytes"] > 0
        if inside is None or inside.endswith((".doc", ".xls", ".ppt", ".txt")):
            assert row["text"], name
