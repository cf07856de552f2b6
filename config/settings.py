"""One settings file for every kind of installation; what differs is read from the environment."""

from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from accounts.limits import SIGN_IN_LIMITS
from config.clusters import clusters
from config.env import ROOT, SettingError, env

BASE_DIR = ROOT
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
DEMO_SECRET = "demo-only-" + "never-in-production-" * 3  # known to everybody; refused when DEBUG is off
DEMO_VAULT_KEY = "demo:" + "00" * 32

DEBUG = env.flag("PALINSESTO_DEBUG")
DEMO = env.flag("PALINSESTO_DEMO")
SECRET_KEY = env.text("PALINSESTO_SECRET_KEY") or (DEMO_SECRET if DEBUG else "")
VAULT_KEYS = env.words("PALINSESTO_VAULT_KEYS") or ([DEMO_VAULT_KEY] if DEBUG else [])
PUBLIC_URL = env.address("PALINSESTO_PUBLIC_URL", "http://127.0.0.1:8000" if DEBUG else "")
PUBLIC_HOST = urlsplit(PUBLIC_URL).hostname or ""
ALLOWED_HOSTS = env.words("PALINSESTO_HOSTS") or (list({"127.0.0.1", "localhost", PUBLIC_HOST}) if DEBUG else [])
SANDBOX_URL = env.address("PALINSESTO_SANDBOX_URL", "http://127.0.0.1:8001" if DEMO else "")

if not DEBUG:
    if len(SECRET_KEY) < 50 or SECRET_KEY == DEMO_SECRET or len(set(SECRET_KEY)) < 5:
        raise SettingError("PALINSESTO_SECRET_KEY is missing, shorter than 50 characters, or the demo’s: write your own.")
    if not VAULT_KEYS or any(bytes(32).hex() in key for key in VAULT_KEYS):
        raise SettingError("PALINSESTO_VAULT_KEYS is missing or the demo’s: make one with `PALINSESTO_DEBUG=1 manage.py make_vault_key`.")
    if not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS:
        raise SettingError("PALINSESTO_HOSTS is missing or *: write the host names of this installation, comma between.")
    if not PUBLIC_URL.startswith("https://"):
        raise SettingError("PALINSESTO_PUBLIC_URL must be the https address of this installation.")
    if DEMO or SANDBOX_URL:
        raise SettingError(
            "PALINSESTO_DEMO and PALINSESTO_SANDBOX_URL cannot stand while PALINSESTO_DEBUG is off: the demo is for trying only."
        )

DATA_DIR = env.path("PALINSESTO_DATA", ROOT / "var")
try:
    DATA_DIR.mkdir(parents=True, exist_ok=True)
except OSError as error:
    raise SettingError(f"PALINSESTO_DATA: {DATA_DIR} cannot be made: {error.strerror}.") from error
DATABASES = {"default": env.database("PALINSESTO_DATABASE", DATA_DIR / "palinsesto.sqlite3")}
REDIS_URL = env.address("PALINSESTO_REDIS", schemes=("redis", "rediss"))
MEDIA_ROOT = env.path("PALINSESTO_MEDIA", ROOT / "media")
PRIVATE_NETWORKS = env.networks("PALINSESTO_PRIVATE_NETWORKS", "127.0.0.0/8" if DEMO else "")
PLATFORM_PLACES = {
    "bluesky": {
        "names": env.address("PALINSESTO_BLUESKY_NAMES"),
        "directory": env.address("PALINSESTO_BLUESKY_DIRECTORY"),
    }
}
PROXIES = env.number("PALINSESTO_PROXIES", 0, most=8)
ADMIN = env.flag("PALINSESTO_ADMIN")
METRICS_TOKEN = env.text("PALINSESTO_METRICS_TOKEN")
METRICS_NETWORKS = env.networks("PALINSESTO_METRICS_NETWORKS")
if METRICS_TOKEN and len(METRICS_TOKEN) < 24:
    raise SettingError("PALINSESTO_METRICS_TOKEN is shorter than 24 characters: make a long one, nobody has to type it.")
WEB_WORKERS = env.number("PALINSESTO_WEB_WORKERS", 2, least=1, most=64)
WEB_THREADS = env.number("PALINSESTO_WEB_THREADS", 4, least=1, most=64)

INSTALLED_APPS = [
    "accounts.apps.AccountsConfig",
    "publisher.apps.PublisherConfig",
    "calendar_app.apps.CalendarAppConfig",
    "community.apps.CommunityConfig",
    "config.apps.PalinsestoConfig",
    "allauth",
    "allauth.account",
    "django_q",
    "django_htmx",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
]
if ADMIN:
    INSTALLED_APPS.append("accounts.admin_config.ReadingAdminConfig")

MIDDLEWARE = [
    "config.headers.HeadersMiddleware",
    "config.weight.WeightMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "config.canonical.OneAddressMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "accounts.middleware.OriginMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.PersonMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.shell.shell",
            ]
        },
    }
]

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.sign_in.MemberBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_ADAPTER = "accounts.sign_in.SignInAdapter"
ACCOUNT_FORMS = {
    "login": "accounts.sign_in_forms.SignInForm",
    "change_password": "accounts.sign_in_forms.ChangeForm",
    "reset_password": "accounts.sign_in_forms.ResetForm",
    "reset_password_from_key": "accounts.sign_in_forms.NewPasswordForm",
    "user_token": "accounts.sign_in_forms.ResetTokenForm",
}
ACCOUNT_RATE_LIMITS = SIGN_IN_LIMITS
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ALLAUTH_TRUSTED_PROXY_COUNT = PROXIES
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "http" if DEBUG else "https"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"

LANGUAGE_CODE = "it"
LANGUAGES = [("it", _("Italian")), ("en", _("English"))]
LOCALE_PATHS = [ROOT / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

STATIC_URL = "static/"
STATICFILES_DIRS = [ROOT / "static"]
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG
DATA_UPLOAD_MAX_NUMBER_FIELDS = 4000

SECURE = not DEBUG
SESSION_COOKIE_NAME = "__Host-palinsesto_session" if SECURE else "palinsesto_session"
CSRF_COOKIE_NAME = "__Host-palinsesto_csrf" if SECURE else "palinsesto_csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 14 * 24 * 3600
LANGUAGE_COOKIE_NAME = "__Host-palinsesto_language" if SECURE else "palinsesto_language"
LANGUAGE_COOKIE_SECURE = SECURE
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
SECURE_SSL_REDIRECT = SECURE
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^metrics$", r"^feed/"]  # a feed asked for without TLS is refused: its secret is in the address
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PROXIES else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if PUBLIC_URL.startswith("https://") else []

DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("PALINSESTO_MAIL_FROM", "Palinsesto <palinsesto@localhost>")
EMAIL_HOST = env.text("PALINSESTO_SMTP_HOST")
EMAIL_PORT = env.number("PALINSESTO_SMTP_PORT", 587, least=1, most=65535)
EMAIL_HOST_USER = env.text("PALINSESTO_SMTP_USER")
EMAIL_HOST_PASSWORD = env.text("PALINSESTO_SMTP_PASSWORD")
EMAIL_USE_TLS = env.flag("PALINSESTO_SMTP_TLS", default=True)
EMAIL_TIMEOUT = 15
EMAIL_FILE_PATH = str(DATA_DIR / "mail")
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend" if EMAIL_HOST else "accounts.tray.TrayBackend"
)

LONG_WORKERS = env.number("PALINSESTO_LONG_WORKERS", 0, most=8)
CANARY_EVERY_S = env.number("PALINSESTO_CANARY_EVERY", 20, least=1, most=300)
QUEUE_GRACE_S = env.number("PALINSESTO_QUEUE_GRACE", 60, least=1, most=3600)
if CANARY_EVERY_S > QUEUE_GRACE_S:
    raise SettingError("PALINSESTO_CANARY_EVERY is longer than PALINSESTO_QUEUE_GRACE: a queue that lives would be killed as silent.")
CLOCK_SILENCE_S = env.number("PALINSESTO_CLOCK_SILENCE", 30, least=2, most=3600)
STOP_GRACE_S = env.number("PALINSESTO_STOP_GRACE", 10, least=1, most=600)
OPERATORS = env.mail_addresses("PALINSESTO_OPERATORS")
Q_CLUSTER: dict[str, Any] = clusters(
    workers=env.number("PALINSESTO_WORKERS", 2, least=1, most=32),
    long_workers=LONG_WORKERS,
    long_timeout=env.number("PALINSESTO_LONG_TIMEOUT", 1800, least=1, most=7200),
    timeout=env.number("PALINSESTO_TASK_TIMEOUT", 120, least=1, most=1800),
    redis=REDIS_URL,
)
CACHES = {
    "default": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
        if REDIS_URL
        else {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "palinsesto_cache"}
    ),
    "process": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "process"},
}

LOG_FORMAT = env.choice("PALINSESTO_LOG_FORMAT", "JSON", among=("JSON", "TEXT")).lower()
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "publisher.logs.LineFormatter"}, "text": {"()": "publisher.logs.TextFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "loggers": {"django-q": {"level": "WARNING"}},  # it writes a line for every task
    "root": {"handlers": ["stderr"], "level": env.choice("PALINSESTO_LOG_LEVEL", "INFO", among=LEVELS)},
}
