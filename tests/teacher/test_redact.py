"""Secrets are found, hidden, counted and put back; what is no secret is left alone."""

from __future__ import annotations

import base64
import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from questions import BAD_LINE, BROKEN, GOOD_LINE, complaint, request, teacher
from servers import edits, ollama, openai, running

from thea_hook.core.source import Span
from thea_hook.teacher.redact import DISTINCT, Redaction, find_secrets

# The secrets are made here, from a fixed seed: none of them opens anything, and no scanner takes this file for a leak.
_CHANCE = random.Random(20_240)
_ALPHANUMERIC, _HEX = string.ascii_letters + string.digits, "0123456789abcdef"


def made(length: int, alphabet: str = _ALPHANUMERIC) -> str:
    return "".join(_CHANCE.choice(alphabet) for _ in range(length))


def base64_of(length: int) -> str:
    return base64.b64encode(_CHANCE.randbytes(length)).decode()


def token(claims: int = 60) -> str:
    return ".".join(("eyJ" + made(33), "eyJ" + made(claims), made(43)))


def pem(kind: str) -> str:
    lines = "\n".join(base64_of(48) for _ in range(6))
    return f"-----BEGIN {kind}-----\n{lines}\n-----END {kind}-----"


def secrets() -> dict[str, tuple[str, str]]:
    """Name -> a line or lines of code, and the secret in them."""
    shapes = {
        "Amazon key id": "AKIA" + made(16, string.ascii_uppercase + string.digits),
        "Amazon secret": base64_of(30),
        "GitHub": "ghp_" + made(36),
        "GitHub fine": "github_pat_" + made(22) + "_" + made(59),
        "GitLab": "glpat-" + made(20),
        "Slack": "xoxb-" + made(12, string.digits) + "-" + made(24),
        "Stripe": "sk_live_" + made(24),
        "Stripe test": "rk_test_" + made(24),
        "Google": "AIza" + made(35),
        "OpenAI": "sk-proj-" + made(48),
        "Anthropic": "sk-ant-api03-" + made(48),
        "npm": "npm_" + made(36),
        "PyPI": "pypi-" + made(60),
        "Hugging Face": "hf_" + made(34),
        "SendGrid": f"SG.{made(22)}.{made(43)}",
        "Mailgun": "key-" + made(32, _HEX),
        "Telegram": made(9, string.digits) + ":" + made(35),
        "Shopify": "shpat_" + made(32, _HEX),
        "DigitalOcean": "dop_v1_" + made(64, _HEX),
        "web token": token(),
        "hash": made(40, _HEX),
        "base64": base64_of(32),
    }
    found = {name: (f"const value = '{secret}';", secret) for name, secret in shapes.items()}
    plain = {name: made(12, string.ascii_lowercase) for name in ("a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k")}
    key, certificate = pem("RSA PRIVATE KEY"), pem("CERTIFICATE")
    strong = "Xk7#" + made(3) + "9!" + made(3) + "$2Pq"
    return found | {
        "in a comment": (f"// old key: {shapes['GitHub']}", shapes["GitHub"]),
        "in a template": (f"const u = `https://x.test/?t={shapes['web token']}`;", shapes["web token"]),
        "in JSX": (f'const e = <Map apiKey="{plain["k"]}" />;', plain["k"]),
        "in a URL": (f'connect("postgres://admin:{plain["a"]}@db.test:5432/shop");', plain["a"]),
        "named password": (f'const password = "{plain["b"]}";', plain["b"]),
        "named in an object": (f"const o = {{ apiKey: '{plain['c']}' }};", plain["c"]),
        "named with quotes": (f'const o = {{ "client_secret": "{plain["d"]}" }};', plain["d"]),
        "named in capitals": (f'const DB_PASSWORD = "{plain["e"]}";', plain["e"]),
        "a default": (f'const t = process.env.AUTH_TOKEN || "{plain["f"]}";', plain["f"]),
        "set by a call": (f'localStorage.setItem("access_token", "{plain["g"]}");', plain["g"]),
        "a header": (f'fetch(u, {{ headers: {{ Authorization: "Bearer {plain["h"]}" }} }});', plain["h"]),
        "a line of .env": (f"// DB_PASSWORD={plain['i']}", plain["i"]),
        "an exported line of .env": (f"/*\nexport API_KEY={plain['j']}\n*/", plain["j"]),
        "a private key": (f"const pem = `{key}`;", key.splitlines()[3]),
        "a private key on one line": (f'const k = "{key}";'.replace("\n", "\\n"), key.splitlines()[2]),
        "a certificate": (f"const c = `{certificate}`;", certificate.splitlines()[2]),
        "a strong password": (f'login("root", "{strong}");', strong),
        "a webhook": (f'post("https://hooks.slack.com/services/T000/B000/{made(24)}");', "services/T000/B000"),
        **hard_to_see(),
    }


def hard_to_see() -> dict[str, tuple[str, str]]:
    """The same where the string is not right behind the name, or where the code is broken at that very place."""
    word, other = (made(9, string.ascii_lowercase) + "7" for _ in range(2))
    key = "ghp_" + made(36)
    lines = {
        "a sum": f'const password = "{other}" + "{word}";',
        "a sum over lines": f"const token =\n  '{other}' +\n  '{word}';",
        "a key in pieces": f'const value = "ghp_" + "{key[4:20]}" + "{word}{key[20:]}";',
        "a condition": f"const password = isLive ? '{word}' : 'none';",
        "a list": f"const tokens = ['{other}', '{word}'];",
        "a nested object": f"const o = {{ password: {{ value: '{word}' }} }};",
        "a comparison": f"if (password === '{word}') f();",
        "a comparison the other way round": f"if ('{word}' === password) f();",
        "behind a type": f"private readonly apiKey: string | undefined = '{word}';",
        "an attribute in braces": f"const e = <Map token={{'{word}'}} />;",
        "a template on lines of its own": f"const password = `\n{word}\n`;",
        "a result": f"const getPassword = () => '{word}';",
        "a name that ends in key": f"const stripeKey = '{word}';",
        "words of a wallet": f"const mnemonic = 'legal winner {word} year wave';",
        "a parameter of a URL": f"fetch('https://x.test/?a=1&access_token={word}&b=2');",
        "a user of a URL": f"clone('https://{word}@x.test/y');",
        "a password with signs in a URL": f"open('postgres://u:p@/{word}@db/x');",
        "a connection string": f"open('host=db;password={word};user=me');",
        "YAML in a comment": f"// password: {word}",
        "YAML behind code": f"f(); // the password={word}",
        "YAML in a template": f"const y = `\n  password: {word}\n`;",
        "a number": "const password = 4815162342;",
        "bytes": "const secretKey = new Uint8Array([12, 34, 56, 78, 91, 23, 45, 67, 89, 10]);",
        "a string without end": f"const password = '{word};",
        "a string without beginning": f"const password = {word}';",
        "quotes of a word processor": f"const password = “{word}”;",
        "without an operator": f"const password '{word}';",
        "without a colon": f"const o = {{ password '{word}' }};",
    }
    secrets = {"a number": "4815162342", "bytes": "67, 89", "a key in pieces": key[4:20]}
    return {name: (code, secrets.get(name, word)) for name, code in lines.items()}


SECRETS = secrets()


@pytest.mark.parametrize("code,secret", SECRETS.values(), ids=SECRETS)
def test_found_and_hidden_and_put_back(code: str, secret: str) -> None:
    text = code.encode()
    redaction = Redaction(text)
    hidden = redaction.hide(Span(0, len(text)))
    assert secret.encode() not in hidden
    assert redaction.count(Span(0, len(text))) >= 1
    assert b"HIDDEN_" in hidden
    assert redaction.restore(hidden) == text
    assert redaction.leaks(text) or len(secret) < DISTINCT


@pytest.mark.parametrize("kind", ["ollama", "openai"])
@pytest.mark.parametrize("code,secret", SECRETS.values(), ids=SECRETS)
def test_none_reaches_the_wire(kind: str, code: str, secret: str) -> None:
    """In the lines that are shown, in the words of the parser, and when asked again."""
    body = code.replace("const ", "const found_here_")
    text = (
        code.encode() + b"\n" + BROKEN.replace(b"  const found = [];", b"  const found = [];\n" + body.encode() + b"\n")
    )
    serving = ollama if kind == "ollama" else openai
    with running(serving("no idea", edits((7, BAD_LINE, GOOD_LINE)))) as server:
        opinion = teacher(server, kind, rounds=2).ask(request(text, "a.jsx"))
    assert secret.encode() not in server.sent
    assert secret.encode() not in server.sent.replace(b"\\n", b"\n").replace(b'\\"', b'"')
    assert sum("chat" in asked.path for asked in server.log) == 2
    if opinion.candidates:  # the answer is used, and every secret is where it was
        assert opinion.candidates[0].text == text.replace(BAD_LINE.encode(), GOOD_LINE.encode())
        assert opinion.hidden >= 1


def test_none_reaches_the_wire_in_what_is_declared_for_the_lines() -> None:
    declared = {name: code.split()[1] for name, (code, _) in SECRETS.items() if code.startswith("const ")}
    assert len(declared) > 20
    with running(ollama(edits())) as server:
        for name, variable in declared.items():
            code, secret = SECRETS[name]
            use = BROKEN.replace(b"load(item)", b"load(item, %s)" % variable.encode())
            teacher(server).ask(request(code.encode() + b"\n" + b"f();\n" * 200 + use, "a.jsx"))
            assert b"const %s" % variable.encode() in server.log[-1].body
            assert secret.encode() not in server.sent


def test_the_whole_corpus_in_one_file_does_not_reach_the_wire() -> None:
    lines = b"\n".join(code.encode() for code, _ in SECRETS.values())
    with running(ollama(edits((7, BAD_LINE, GOOD_LINE)))) as server:
        for text in (lines + b"\n" + BROKEN, BROKEN + lines):
            teacher(server).ask(request(text, "a.jsx"))
    assert not [name for name, (_, secret) in SECRETS.items() if secret.encode() in server.sent]


def test_part_of_a_key_is_hidden_where_the_lines_begin_within_it() -> None:
    text = SECRETS["a private key"][0].encode()
    redaction = Redaction(text)
    middle = Span(text.index(b"\n") + 1, len(text))
    assert SECRETS["a private key"][1].encode() not in redaction.hide(middle)
    assert redaction.restore(redaction.hide(middle)) == text[middle.start :]


def test_words_of_a_parser_lose_their_secrets() -> None:
    secret = SECRETS["GitHub"][1]
    redaction = Redaction(f'const t = "{secret}";'.encode())
    assert secret not in redaction.hide_in(f"Expected `,` but found `{secret}`")
    assert SECRETS["Stripe"][1] not in redaction.hide_in(f"Unexpected {SECRETS['Stripe'][1]}")


def test_a_secret_is_hidden_wherever_it_stands_again() -> None:
    text = b'const password = "correcthorse";\nf(correcthorse);\n'
    assert Redaction(text).hide(Span(0, len(text))).count(b"correcthorse") == 0


def test_placeholders_are_words_that_the_file_does_not_have() -> None:
    text = b'const HIDDEN_1 = "ghp_%s";' % made(36).encode()
    assert b"HIDDEN1_1" in Redaction(text).hide(Span(0, len(text)))


def test_an_answer_that_moves_a_hidden_text_is_refused() -> None:
    text = BROKEN.replace(b"load(item)", b'load(item, "%s")' % SECRETS["GitHub"][1].encode())
    moves = [
        (9, '      found.push(load(item, "HIDDEN_1"));', '      found.push(load(item, "HIDDEN_1" + "HIDDEN_1"));'),
        (9, '      found.push(load(item, "HIDDEN_1"));', "      found.push(load(item));"),
        (9, '      found.push(load(item, "HIDDEN_1"));', '      found.push(load(item, "HIDDEN_2"));'),
    ]
    for move in moves:
        with running(ollama(edits((7, BAD_LINE, GOOD_LINE), move))) as server:
            opinion = teacher(server).ask(request(text))
        assert opinion.candidates == ()
        assert opinion.refusals == ("it changes what was hidden from it",)


def test_a_file_of_secrets_is_not_sent() -> None:
    lines = b"".join(b'keys.push("%s");\n' % made(40, _HEX).encode() for _ in range(600))
    with running(ollama(edits((7, BAD_LINE, GOOD_LINE)))) as server:
        with pytest.raises(Exception, match="too many secrets"):
            teacher(server).ask(request(BROKEN + lines))
        assert server.log == []


def test_a_file_of_more_secrets_than_anybody_counts_is_read_at_once() -> None:
    lines = b"".join(b'keys.push("%s");\n' % made(40, _HEX).encode() for _ in range(20_000))
    assert Redaction(lines).is_too_much


def test_words_of_the_language_are_no_secrets() -> None:
    text = b'const token = "function";\nfunction f() {}\n'
    assert find_secrets(text) == []


def test_a_word_beside_a_name_is_hidden_there_and_shown_elsewhere() -> None:
    text = b'login(token, "something", "children");\nconst children = [];\n'
    assert Redaction(text).hide(Span(0, len(text))).endswith(b"const children = [];\n")


def test_code_between_two_strings_is_no_string() -> None:
    text = b"it('has a token', async () => { expect(token).toBe('x'); });\n"
    assert b"async () => { expect(token).toBe(" in Redaction(text).hide(Span(0, len(text)))


def test_a_secret_that_is_a_word_of_our_own_keeps_no_question_back() -> None:
    text = BROKEN.replace(b"const found = [];", b'const found = []; const token = "whatever";')
    with running(ollama(edits((7, BAD_LINE, GOOD_LINE)))) as server:
        assert teacher(server).ask(request(text)).candidates
    assert b'"user"' in server.sent


def test_what_a_linter_says_about_an_answer_is_sent_back_without_secrets() -> None:
    text = b'const password = "abc4567";\nif (a == b) f();\n'
    with running(ollama(edits((2, "if (a == b) f();", "if (b == a) f();")))) as server:
        task = complaint(text, b"==", "Expected '===' near \"abc4567\"", lambda *_: 'still "abc4567" there')
        assert teacher(server, rounds=2).propose(task).candidates == ()
    assert len(server.log) == 3
    assert b"still" in server.sent
    assert b"abc4567" not in server.sent


HARMLESS = [
    'import { useState, useEffect } from "react";',
    'import config from "../../../packages/shared/src/configuration/loadConfiguration.js";',
    "const getElementsByClassNameAndAttributeValue = document.getElementsByClassName;",
    'element.classList.add("flex", "items-center", "justify-between", "hover:bg-gray-100");',
    'throw new TypeError("Cannot read properties of undefined (reading length)");',
    "export const DEFAULT_MAX_CONNECTION_RETRY_ATTEMPTS = 5;",
    "const fraction = 3.14159265358979323846;",
    "for (let index = 0; index < collection.length; index++) visit(collection[index]);",
    "if (currentTokenKind === SyntaxKind.OpenParenToken) parseParenthesizedExpression();",
    "router.get('/api/v2/customers/:customerId/invoices/:invoiceId', authenticate, handler);",
    "const re = /^[a-z0-9]+(?:-[a-z0-9]+)*$/i;",
    "// eslint-disable-next-line @typescript-eslint/no-unsafe-member-access",
    'const date = new Date("2024-02-29T12:34:56.789Z");',
    'const color = "#ff00aa";',
]


@pytest.mark.parametrize("code", HARMLESS)
def test_ordinary_code_is_shown(code: str) -> None:
    assert find_secrets(code.encode()) == []


@given(st.binary(max_size=300))
def test_what_is_hidden_always_comes_back(text: bytes) -> None:
    redaction = Redaction(text)
    assert redaction.restore(redaction.hide(Span(0, len(text)))) == text


@pytest.mark.parametrize(
    "text",
    [b"a" * 200_000, b"token" * 40_000, b"eyJ-" * 50_000, b"://a:" * 40_000, b'"' * 200_000, b"password='" * 20_000,
     b"-----BEGIN PRIVATE KEY-----" * 8_000, b"A1b-" * 50_000, b"\\" * 200_000, b" " * 200_000],
    ids=lambda text: text[:12].decode(),
)  # fmt: skip
def test_no_text_takes_long(text: bytes) -> None:
    """None of the patterns goes over the same text again and again: this would take minutes."""
    assert Redaction(text).restore(Redaction(text).hide(Span(0, len(text)))) == text
