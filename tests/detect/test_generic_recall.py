"""Random values under telling names are found wherever people write them; stand-ins are not."""

from __future__ import annotations

import itertools

import pytest

from keysift.catalogue.samples import expand
from keysift.detect.scanner import Examination, Scanner
from keysift.model import Confidence, SuppressReason


@pytest.fixture(scope="module")
def scanner(full_scanner: Scanner) -> Scanner:
    """Return a scanner of the whole catalogue."""
    return full_scanner


_KEYS = ("{base62:32}", "{hex:40}", "{base64url:43}")
_KEY_PLACES = {
    "python": "import os\n\nshop_api_key = '<v>'\n",
    "python-typed": 'API_TOKEN: str = "<v>"\n',
    "python-bytes": "signing_key = b'<v>'\n",
    "python-attribute": 'self.client_secret = "<v>"\n',
    "python-keyword": 'client = Client(access_token="<v>", timeout=3)\n',
    "python-default": 'token = os.environ.get("SHOP_TOKEN", "<v>")\n',
    "python-environ": 'os.environ["SHOP_API_KEY"] = "<v>"\n',
    "python-comparison": 'if auth_token == "<v>":\n    go()\n',
    "dict": 'CONFIG = {"debug": True, "secret_key": "<v>"}\n',
    "json": '{\n  "port": 80,\n  "clientSecret": "<v>"\n}\n',
    "json-in-string": 'body = "{\\"apiKey\\": \\"<v>\\"}"\n',
    "yaml": "shop:\n  api_key: <v>\n  region: eu\n",
    "yaml-quoted": 'shop:\n  - auth_token: "<v>"\n',
    "toml": '[shop]\nsecret_key = "<v>"\n',
    "ini": "[shop]\naccess_key = <v>\nregion = eu\n",
    "properties": "shop.url=x\nshop.client.secret=<v>\n",
    "env": "REGION=eu\nSHOP_SECRET=<v>\n",
    "env-export": "export DEPLOY_TOKEN=<v>\n",
    "shell-quoted": "API_KEY='<v>'\n",
    "dockerfile": "FROM python\nENV SHOP_AUTH_TOKEN=<v>\n",
    "compose": "services:\n  web:\n    environment:\n      - SESSION_SECRET=<v>\n",
    "javascript": 'const apiKey = "<v>";\n',
    "typescript": 'private readonly webhookSecret: string = "<v>";\n',
    "go": 'appSecret := "<v>"\n',
    "ruby": "config.access_token => '<v>'\n",
    "xml": "<shop>\n  <apiKey><v></apiKey>\n</shop>\n",
    "header": 'curl -H "X-Api-Key: <v>" https://api.shop-prod.net/v1\n',
    "header-dict": 'headers = {"X-Auth-Token": "<v>"}\n',
    "url": "https://api.shop-prod.net/v1/orders?access_token=<v>&page=2\n",
    "notebook": '{"source": ["x = 1\\n", "api_key = \\"<v>\\"\\n"]}\n',
    "comment": "# region = eu\n# api_key = <v>\n",
    "define": '#define SHOP_API_KEY "<v>"\n',
    "attribute": '<add key="shop_api_key" value="<v>" />\n',
    "kubernetes": 'env:\n  - name: SHOP_API_KEY\n    value: "<v>"\n',
    "markdown": "- `client_secret`: `<v>`\n",
    "option": "shop deploy --api-key <v> --region eu\n",
    "crlf": 'a = 1\r\napi_token = "<v>"\r\n',
}


@pytest.mark.parametrize(
    ("place", "template"), list(itertools.product(_KEY_PLACES, _KEYS)), ids=str
)
def test_random_keys_are_found_where_people_write_them(
    scanner: Scanner, place: str, template: str
) -> None:
    """A generated key is reported at the default confidence, whole, in each syntax."""
    value = expand(template, place)
    text = _KEY_PLACES[place].replace("<v>", value)
    assert value in _found(scanner, text, Confidence.MEDIUM)


_PASSWORDS = ("{base62:6}k7Qw9{base62:3}", "{base62:5}!7x{base62:5}R2")
_PASSWORD_PLACES = {
    "python": 'db_password = "<v>"\n',
    "keyword": 'connect(host="db7", user="jo", password="<v>")\n',
    "dict": 'SMTP = {"user": "jo", "passwd": "<v>"}\n',
    "json": '{\n  "dbPassword": "<v>"\n}\n',
    "yaml": "db:\n  user: jo\n  password: <v>\n",
    "ini": "[smtp]\nuser = jo\npassword = <v>\n",
    "env": "DB_HOST=db7\nDB_PASSWORD=<v>\n",
    "shell": "export PGPASSWORD=<v>\n",
    "compose": "    environment:\n      MYSQL_ROOT_PASSWORD: <v>\n",
    "xml": "<db>\n  <password><v></password>\n</db>\n",
    "attribute": '<add key="db_password" value="<v>" />\n',
    "kubernetes": 'env:\n  - name: DB_PASSWORD\n    value: "<v>"\n',
    "comment": "# user = jo\n# password = <v>\n",
    "java": 'private static final String PASSWORD = "<v>";\n',
    "sql": "CREATE USER 'app'@'%' IDENTIFIED BY '<v>';\n",
    "sshpass": "sshpass -p '<v>' ssh deploy@10.20.3.4\n",
    "postgresql": "postgresql://orders:<v>@db7.orders-prod.net:5432/orders\n",
    "mysql": 'ENGINE = "mysql+pymysql://root:<v>@db.shop-prod.net/shop"\n',
    "redis": "REDIS_URL=redis://default:<v>@cache.shop-prod.net:6379/0\n",
    "amqp": "broker: amqp://worker:<v>@queue.shop-prod.net//\n",
    "mongodb": "mongodb+srv://app:<v>@cluster0.k3xw.mongodb.net/app\n",
    "http": "git clone https://jo:<v>@git.shop-prod.net/shop.git\n",
    "jdbc": "jdbc:postgresql://db7.orders-prod.net/orders?user=jo&password=<v>\n",
    "odbc": 'c = "Server=db7.orders-prod.net;Database=o;User Id=jo;Password=<v>;"\n',
}


@pytest.mark.parametrize(
    ("place", "template"), list(itertools.product(_PASSWORD_PLACES, _PASSWORDS)), ids=str
)
def test_strong_passwords_are_found_where_people_write_them(
    scanner: Scanner, place: str, template: str
) -> None:
    """A password that mixes its characters is reported at the default confidence."""
    value = expand(template, place)
    text = _PASSWORD_PLACES[place].replace("<v>", value)
    assert value in _found(scanner, text, Confidence.MEDIUM)


@pytest.mark.parametrize(
    "text",
    [
        'PROD_DB_PASSWORD = "Summer{digits:4}!"\n',
        "production_password: Winter#{digits:4}\n",
        'smtp_password = "Berlin{digits:2}${digits:2}"\n',
        "ADMIN_PASSWORD=Kaffee{digits:3}!\n",
        '{{"liveDbPassword": "Sunshine{digits:4}?"}}\n',
        'db_password = "letmein{digits:2}"\n',
        "password: hunter{digits:2}\n",
        'passwd = "P@ssw0rd{digits:1}"\n',
    ],
)
def test_passwords_that_people_choose_are_found(scanner: Scanner, text: str) -> None:
    """A word with a number and a sign is a weak password, and a password all the same."""
    assert _found(scanner, expand(text, 3), Confidence.MEDIUM)


def test_the_look_of_a_password_never_lowers_confidence(scanner: Scanner) -> None:
    """Where the place alone makes a detector sure, a strong password leaves it so."""
    text = expand("mongodb+srv://app:{base62:5}!7x{base62:5}R2@cluster0.k3xw.mongodb.net/app", 2)
    assert {match.confidence for match in scanner.scan(text.encode())} == {Confidence.HIGH}


_SPECIFIC = (
    "github-pat",
    "stripe-live-secret-key",
    "slack-bot-token",
    "sendgrid-api-key",
    "npm-access-token",
    "shopify-access-token",
)
_CLAIMED_PLACES = (
    'api_key = "<v>"\n',
    'password = "<v>"\n',
    "API_TOKEN=<v>\n",
    "run --token <v> x\n",
    "curl -u <v>: https://api.shop-prod.net/v1\n",
    "git clone https://<v>@git.shop-prod.net/shop.git\n",
    'headers = {"Authorization": "Bearer <v>"}\n',
    "<password><v></password>\n",
    "The password is <v>.\n",
    'client = ShopClient("<v>")\n',
    'login("jo", "<v>")\n',
    "https://api.shop-prod.net/v1?access_token=<v>\n",
)


@pytest.mark.parametrize(
    ("identifier", "place"), list(itertools.product(_SPECIFIC, _CLAIMED_PLACES))
)
def test_what_a_specific_detector_finds_is_not_generic_too(
    scanner: Scanner, identifier: str, place: str
) -> None:
    """However a value is introduced, its type is reported and nothing else."""
    value = expand(scanner.catalogue.by_id[identifier].examples[0], 5)
    found = _examine(scanner, place.replace("<v>", value)).matches
    assert {match.detector for match in found} == {identifier}


_STAND_INS = {
    "placeholder": [
        'api_key = "your-api-key-goes-here-123"',
        "API_KEY=changeme-1234567890\n",
        'token = "REPLACE_ME_WITH_TOKEN_1"',
        'secret_key = "xxxxxxxxxxxxxxxxxxxxxxxx1"',
        'api_key = "<insert your api key 1>"',
        "auth_token: '****************1a'",
        'client_secret = "dummy-client-secret-123"',
        'access_token = "fake_access_token_12345"',
        'api_token = "example-token-0123456789"',
        'api_secret = "sample_secret_value_2024"',
        'password = "changeme123"',
        "DB_PASSWORD=replace-this-1\n",
        'private_token = "my-private-token-123456"',
        'secret = "supersecret12345678"',
        'token = "TODO-put-the-token-here-1"',
        'api_key = "deadbeefdeadbeefdeadbeef1"',
    ],
    "look-up": [
        'api_key = os.environ["SHOP_API_KEY_PRODUCTION_1"]',
        'token = os.getenv("SHOP_TOKEN_VALUE_2024")',
        "const secret = process.env.SHOP_SECRET_2;",
        'password = getpass("Password for db7: ")',
        'secret_key = config("DJANGO_SECRET_KEY_V2")',
        'api_key = settings["SHOP_API_KEY_V1"]',
        "    api_key = settings.SHOP_API_KEY_V1\n",
        "    password = self.password1\n",
        "    token = self.tokenizer.next_token2\n",
        'token = keyring.get_password("shop", "jo7")',
        "client_secret = secrets.token_urlsafe(32)",
        "DB_PASSWORD=$POSTGRES_PASSWORD1\n",
        "DB_PASSWORD=$(cat /run/secrets/db1)\n",
        "  token: ${{ secrets.SHOP_TOKEN_1 }}\n",
        "  password: !vault db/production1\n",
        'api_key = vault.read("shop/api-key-v1")',
    ],
    "template": [
        'PASSWORD = "{{{{ db_password_1 }}}}"',
        'token = "{{token_value_1}}"',
        'api_key = "%(shop_api_key_1)s"',
        "password: {{{{ vault_db_password }}}}\n",
        "api_key = {{{{ shop_api_key }}}}\n",
        'secret_key = "${{var.shop_secret_key_1}}"',
        'token = f"{{prefix}}-{{number}}-{{suffix1}}"',
        "<token>{{{{ token_1 }}}}</token>",
        "<password>${{db.password1}}</password>",
        "ALTER ROLE app PASSWORD '%s'",
        'client_secret = "#{{ENV_SECRET_1}}"',
        "API_KEY=<%= api_key_1 %>\n",
    ],
    "identifier": [
        'token = "{uuid}"',
        'secret_name = "arn/aws/secretsmanager/eu-central-1"',
        "  secret: shop-api-credentials-v2\n",
        'token = "refresh-token-rotation-2"',
        'access_token = "new-upstream-token-2"',
        "('authtoken', '0002_auto_20160226_1747')",
        'license_key = "bsd-3-clause-no-nuclear-2014"',
        'license_key = "sun-bcl-j2re-1.4.2"',
        'password_type = "POSTGRES_SCRAM_SHA_256"',
        'secret_key = "shop.orders.secret_key.v2"',
        'token_address = "0x{hex:40}"',
        'collateralToken = "0x{hex:40}"',
        'bapi_key = "{hex:4}-{hex:4}-{hex:4}-{hex:4}"',
        'object_key = "uploads/2024/07/invoice-000123.pdf"',
        'next_token = "{base62:40}"',
        'page_token = "{base64url:43}"',
        'csrf_token = "{base62:32}"',
        'cache_key = "{hex:32}"',
        'public_key = "{base64:44}"',
        'VerificationToken = "{base64:43}="',
        "&spl-token={base58:44}",
        'primary_key = "{base62:24}"',
    ],
    "digest": [
        'sha256 = "{hex:64}"',
        'token_hash = "{hex:40}"',
        "api_key_digest: {hex:64}\n",
        'git_commit = "{hex:40}"',
        'md5sum = "{hex:32}"',
        '"integrity": "sha512-{base64:86}=="',
        'secret_checksum = "{hex:40}"',
        'etag = "{hex:32}"',
        "keysift/api.py,sha256={base64url:43},2817\n",
        '"revision": "{hex:40}"',
    ],
    "words": [
        'password = "password"',
        'password = "correct_horse_battery_staple_1"',
        'token = "test_token_for_user_1234"',
        'secret = "not-a-real-secret-value-1"',
        'password = "StrongPassword123!"',
        'api_key = "invalid-api-key-for-test-1"',
        'secret_key = "this is not very secret 1"',
        'access_token = "asdfjkl234lkjsdfsdfkj"',
        'token = "qwertyuiop123456"',
        'api_key = "Gfe43t43REGTrteg43934t34Gt43"',
        'api_key = "abcdefghijklmnop12345"',
        'api_key = "0123456789abcdef01234567"',
        'api_key = "peWcBiMOS9HrZ15xpeWcBiMOS9HrZ15x"',
        'token = "AABBCCDDEEFFaabbccddeeff"',
        'password_label = "Your password must have 8 characters"',
        '"password": "Passwort eingeben (mind. 8 Zeichen)"',
        '"token_help": "Create a token in settings, then copy it"',
        'password_prompt = "Password: "',
    ],
    "code": [
        'encrypt(passphrase, "{base62:32}")',
        'load_private_key("ec_secp384r1_key.pem")',
        'encrypt(ref, self.passphrase, "PBKDF2WithHMAC-SHA512AndAES256-GCM")',
        'token = "x-amz-content-sha256"',
        'private_key_file = "keys/server_rsa_2048.key"',
        "password: str = None\n",
        'token_url = "https://login.shop-prod.net/oauth2/token"',
        'bypass = "{base62:12}"',
        'tokenizer = "Xenova/gpt-4o-mini-2024"',
        "if (token === undefined) return null1;",
        'passport = "{alnum_upper:9}"',
        'secretmanager_v1 = "projects/p1/secrets/s1"',
    ],
    "host": [
        "postgresql://scott:tiger@localhost/test",
        "https://user:pass@host/",
        "https://api.example.com/v1?api_key={base62:32}",
        "redis://:password@127.0.0.1:6379/0",
        "amqp://guest:guest@rabbitmq:5672//",
        "mysql://root:root@db/app",
        "https://user:{base62:16}@example.com/",
        "ftp://anonymous:guest@ftp.shop-prod.net",
        "http://username:password@proxy.shop-prod.net:8080",
        "https://zoom.us/j/95228013874?pwd={base62:32}",
    ],
}


@pytest.mark.parametrize(
    ("kind", "text"),
    [(kind, text) for kind, texts in _STAND_INS.items() for text in texts],
    ids=lambda one: str(one)[:60],
)
def test_stand_ins_are_not_reported(scanner: Scanner, kind: str, text: str) -> None:
    """What only stands for a secret is not reported at the default confidence."""
    assert not _found(scanner, expand(text, kind), Confidence.MEDIUM)


@pytest.mark.parametrize(
    ("text", "reason", "detail"),
    [
        ('api_key = "{base62:10}EXAMPLE{base62:10}"', SuppressReason.PLACEHOLDER, "example"),
        ('token = "0123456789abcdefghijk{base62:4}"', SuppressReason.SEQUENCE, "in order"),
        ('token = "refresh-token-rotation-2"', SuppressReason.SCORE, "words joined by signs"),
        ('token = "PBKDF2WithHMAC-SHA512AndAES"', SuppressReason.SCORE, "an algorithm"),
        ('token = "ec_p384_server-key_1.pem"', SuppressReason.SCORE, "a file"),
        ('access_token = "asdfjkl234lkjsdfsdfkj"', SuppressReason.SCORE, "typed"),
        ('next_token = "{base62:40}"', SuppressReason.PROOF, "its name"),
        ('token = "{uuid}"', SuppressReason.SCORE, "a UUID"),
        ('api_key = "peWcBiMOS9HrZ15xpeWcBiMOS9HrZ15x"', SuppressReason.REPETITION, "repeated"),
    ],
)
def test_a_stand_in_is_suppressed_with_its_reason(
    scanner: Scanner, text: str, reason: SuppressReason, detail: str
) -> None:
    """Whoever asks why something was not reported gets the reason."""
    examined = _examine(scanner, expand(text, 1))
    said = [
        [one.detail, *(why.text for why in one.match.reasons)]
        for one in examined.suppressed
        if one.reason is reason
    ]
    assert any(detail in text for texts in said for text in texts)


def _examine(scanner: Scanner, text: str) -> Examination:
    return scanner.examine(text.encode("latin-1"))


def _found(scanner: Scanner, text: str, least: Confidence) -> list[str]:
    return [
        match.secret.reveal().decode("latin-1")
        for match in _examine(scanner, text).matches
        if match.confidence.rank >= least.rank
    ]
