"""Every setting of every process: typed, checked once, from ORDERFLOW_* variables or a ``.env`` file.

    SettingsError      names every wrong setting at once; never shows a value

Durations are written as in the table of deadlines (``24h``, ``30min``, ``7d``, ``90s``) or as
ISO 8601 (``PT24H``). Mappings are JSON objects. Nothing is read
when this module is imported: call ``load_settings``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import (
    DirectoryPath,
    Field,
    FilePath,
    IPvAnyNetwork,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings.exceptions import SettingsError as UnreadableSetting

from domain.carriers import INSURANCE_THRESHOLDS
from domain.deadlines import DEADLINES, DeadlineId, DeadlinePolicy
from domain.holds import HoldClocks
from domain.money import REFUND_ALONE
from domain.packing import Limits
from runtime import production
from runtime.development import DevelopmentDefaults
from runtime.durations import Duration
from runtime.rate import Allowance, Rate
from runtime.sign_in_settings import SignInSettings

PREFIX = "ORDERFLOW_"

Port = Annotated[int, Field(ge=1, le=65535)]


class SettingsError(Exception):
    """Settings are missing or wrong. ``faults`` pairs each variable with what is wrong about it."""

    def __init__(self, faults: list[tuple[str, str]]) -> None:
        self.faults = faults
        super().__init__("wrong settings:\n" + "\n".join(f"  {name}: {problem}" for name, problem in faults))


class Settings(SignInSettings):
    """What a process needs to know.

    In development whatever is not set comes from the embedded stack of ``data_dir``; in production
    nothing has a default that could be dangerous, and the process refuses to start wrong.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    data_dir: Path = Path(".orderflow")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["console", "json"] = "console"

    database_url: str = Field(repr=False)
    temporal_address: str
    temporal_namespace: str = "default"
    temporal_tls: Literal["tls", "plain"] | None = Field(default=None, validate_default=True)
    """Whether the way to Temporal is encrypted. Production wants it said; what is not said in development is plain."""
    temporal_tls_ca: FilePath | None = None
    """Who vouches for the server, PEM; left out, the authorities that the machine knows."""
    temporal_tls_cert: FilePath | None = None
    """With ``temporal_tls_key`` what this process shows the server that asks for it (mutual TLS), PEM."""
    temporal_tls_key: FilePath | None = None
    temporal_tls_server_name: str | None = None
    """The name in the server's certificate, where it is not that of the address."""
    temporal_ui_url: str | None = None
    """Where the browsers of staff find the Temporal UI: links to workflows lead there; left out, there are none."""
    workflow_sandbox: bool = True
    max_cached_workflows: int = Field(default=2000, ge=1)
    workflow_tasks_at_once: int = Field(default=10, ge=2)
    """How many a worker has in hand: each must end within its ten seconds, also when a worker comes back to a
    thousand orders, or on a machine that does much else; what is not in hand yet waits without a clock."""

    api_host: str = "127.0.0.1"
    api_port: Port = 8080
    public_url: str
    """Where the outside world reaches the API: callbacks of carriers and providers go there."""
    console_host: str = "127.0.0.1"
    console_port: Port = 8088
    console_api_plain: bool = False
    """Production: the console may reach the API by plain http, for one closed network is all there is between."""
    console_api_url: str | None = None
    """Where the console finds the API; left out, at ``api_host`` and ``api_port``."""
    console_public_url: str | None = None
    """Where a buyer's browser finds the console: links to the buyer's page lead there; left out, to the API's door."""
    console_secret: SecretStr | None = None
    """Signs the browser cookies of the console: only that process needs it."""
    token_secret: SecretStr
    """Signs development's bearer tokens, and what a browser carries to the identity provider: 32 characters or more."""

    trusted_proxies: list[IPvAnyNetwork] = Field(default_factory=list)
    """Whose ``X-Forwarded-For`` is believed, as networks: the proxies in front, and the console. Nobody else's."""

    rate_reads: Rate = Allowance(3000, timedelta(minutes=1))
    """How often one person or machine may ask, and (``rate_sign_in``) one network address may try to sign in."""
    rate_writes: Rate = Allowance(3000, timedelta(minutes=1))
    rate_reveals: Rate = Allowance(60, timedelta(hours=1))
    rate_sign_in: Rate = Allowance(30, timedelta(minutes=1))

    postgres_programs: DirectoryPath | None = None
    """The folder of pg_dump and pg_restore, for backups; left out, those of the path or of the embedded server."""

    vault_master_keys: dict[str, SecretStr]
    """Master keys by version, each 32 bytes in base64 (R21)."""
    vault_active_key_version: str
    blind_index_key: SecretStr
    """32 bytes in base64: matches buyers without decrypting them (R27)."""

    audit_anchor_key: SecretStr
    """32 bytes in base64: signs the anchors of the audit chains (R23)."""

    stripe_api_base: str = "https://api.stripe.com"
    stripe_api_key: SecretStr
    stripe_webhook_secret: SecretStr
    shopify_api_base: str
    shopify_access_token: SecretStr
    shopify_webhook_secret: SecretStr
    woocommerce_webhook_secret: SecretStr | None = None
    """A channel whose secret is not set is shut: every message in its name is refused."""
    taobao_app_secret: SecretStr | None = None
    youzan_client_id: str | None = None
    youzan_client_secret: SecretStr | None = None
    woocommerce_api_base: str | None = None
    """The shop's own address; with both keys set, its orders are asked for and it is told of statuses (R20)."""
    woocommerce_consumer_key: str | None = None
    woocommerce_consumer_secret: SecretStr | None = None
    taobao_api_base: str = "https://eco.taobao.com/router/rest"
    taobao_app_key: str | None = None
    taobao_session: SecretStr | None = None
    """What the seller granted the app: without it Taobao is neither asked nor told."""
    youzan_api_base: str = "https://open.youzanyun.com/api"
    youzan_access_token: SecretStr | None = None
    stock_feed_secrets: dict[str, SecretStr] = Field(default_factory=dict)
    """The warehouse systems that send stock, and what each signs with."""
    carrier_api_base: str = "https://api.kuaidi100.com"
    carrier_poll_base: str | None = None
    """Where tracking is subscribed to, when that is another host than ``carrier_api_base``."""
    carrier_api_key: SecretStr
    carrier_api_secret: SecretStr
    carrier_accounts: dict[str, str] = Field(default_factory=dict)
    """The monthly account that pays for a waybill, by carrier."""
    kuaidi100_salt: SecretStr
    wecom_api_base: str = "https://qyapi.weixin.qq.com"
    wecom_robot_key: SecretStr | None = None
    """The key of the group robot 企業微信群機器人; without one nothing is posted to the company's chat (R25)."""
    coupon_api_base: str | None = None
    """Without it, and its secret, a coupon cannot be chosen as a remedy: the case goes back to work (R24)."""
    coupon_secret: SecretStr | None = None
    """Signs what the coupon service is asked (``whsec_…``)."""
    notice_urls: dict[str, str] = Field(default_factory=dict)
    """Where each own channel's front end receives status notices (R20)."""
    notice_secrets: dict[str, SecretStr] = Field(default_factory=dict, validate_default=True)
    """Standard Webhooks secrets (``whsec_…``) by channel."""

    refund_alone_minor: dict[str, Annotated[int, Field(ge=0)]] = Field(default_factory=lambda: dict(REFUND_ALONE))
    """Refunds of one order that come to more need a second person, in minor units by currency (four eyes).
    Of a currency that is not named every refund does."""
    insurance_thresholds_minor: dict[str, Annotated[int, Field(ge=0)]] = Field(
        default_factory=lambda: dict(INSURANCE_THRESHOLDS)
    )
    """A parcel worth more is insured by default (R11): minor units by currency. What is not in the table is insured."""
    parcel_max_weight_g: int = Field(default=30_000, ge=1)
    """Goods beyond it go into a further parcel; a single heavier piece travels alone (R10)."""
    parcel_max_volume_cm3: int = Field(default=200_000, ge=1)
    shop_name: str = "Orderflow"
    """The sender on waybills."""
    shop_phone: str = Field(min_length=5)
    """Carriers call it about a parcel; no carrier takes one without."""
    shop_timezone: str = "Asia/Shanghai"
    reveals_per_hour: int = Field(default=30, ge=1)
    """How many buyers one person may reveal within an hour (R21)."""
    peak_factor: int = Field(default=1, ge=1, le=12)
    """Stretches T2 and T3 (R7)."""
    hold_clocks: HoldClocks = HoldClocks.RUN
    """What the clocks of a held order do when the one who holds it says nothing: run or stop (R25)."""

    shortage_orders_per_sku: int = Field(default=3, ge=1)
    """So many orders short of one SKU are a problem of all departments, and open one case for it (R9, R26)."""

    t1_online_payment: Duration | None = None
    t2p_promotion_hold: Duration | None = None
    t2_review_remind: Duration | None = None
    t3_review_due: Duration | None = None
    t5_parcel_exception: Duration | None = None
    t6_parcel_silent: Duration | None = None
    t7_signature_dispute: Duration | None = None
    t8_refund_done: Duration | None = None
    t9_return_window: Duration | None = None
    t10_complaint_answer: Duration | None = None
    t11_major_first_answer: Duration | None = None
    t12_major_plan: Duration | None = None
    t13_notice: Duration | None = None
    t14_mistake_report: Duration | None = None
    t15_cross_department_plan: Duration | None = None
    t20_returned_goods: Duration | None = None
    t21_personal_data: Duration | None = None

    # Only the embedded stack and the simulators use these.
    postgres_port: Port = 15433
    temporal_port: Port = 7233
    temporal_http_port: Port = 7243
    temporal_ui_port: Port = 8233
    simulator_port: Port = 8090
    simulator_auto: bool = True
    """A booked parcel of the simulated carrier then travels by itself."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, variables, ``.env``, secret files, and only then development's own values."""
        return init_settings, env_settings, dotenv_settings, file_secret_settings, DevelopmentDefaults(settings_cls)

    @field_validator("database_url")
    @classmethod
    def _is_postgres(cls, value: str) -> str:
        if not value.startswith(("postgresql://", "postgres://")):
            raise ValueError("must begin with postgresql://")
        return value

    @field_validator("shop_timezone")
    @classmethod
    def _is_a_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError("is not a known time zone") from error
        return value

    @field_validator("*")
    @classmethod
    def _fit_for_production(cls, value: Any, info: ValidationInfo) -> Any:
        if info.data.get("environment") == "production" and info.field_name is not None:
            production.check(info.field_name, value)
        return value

    @field_validator("vault_active_key_version")
    @classmethod
    def _names_a_key(cls, value: str, info: ValidationInfo) -> str:
        # Keys that were refused themselves are absent here; they are reported already.
        if value not in info.data.get("vault_master_keys", {value: None}):
            raise ValueError("names no key of ORDERFLOW_VAULT_MASTER_KEYS")
        return value

    @field_validator("notice_secrets")
    @classmethod
    def _sign_every_channel(cls, value: dict[str, SecretStr], info: ValidationInfo) -> dict[str, SecretStr]:
        if unsigned := sorted(set(info.data.get("notice_urls", {})) - set(value)):
            raise ValueError(f"has no secret for {', '.join(unsigned)}")
        return value

    @field_validator("console_api_url")
    @classmethod
    def _encrypted_unless_said(cls, value: str | None, info: ValidationInfo) -> str | None:
        if info.data.get("environment") == "production" and not info.data.get("console_api_plain"):
            production.encrypted_or_near(value)
        return value

    @model_validator(mode="after")
    def _encrypts_as_told(self) -> Self:
        told = (self.temporal_tls_ca, self.temporal_tls_cert, self.temporal_tls_key, self.temporal_tls_server_name)
        if any(told) and self.temporal_tls != "tls":
            raise ValueError("ORDERFLOW_TEMPORAL_TLS_… means nothing unless ORDERFLOW_TEMPORAL_TLS is tls")
        if (self.temporal_tls_cert is None) is not (self.temporal_tls_key is None):
            raise ValueError("ORDERFLOW_TEMPORAL_TLS_CERT and _KEY go together")
        return self

    def parcel_limits(self) -> Limits:
        """What one parcel may weigh and take up (R10)."""
        return Limits(self.parcel_max_weight_g, self.parcel_max_volume_cm3)

    def deadline_policy(self) -> DeadlinePolicy:
        """The durations in force: what is configured here, else the table's defaults."""
        configured = {deadline: getattr(self, field) for deadline, field in DEADLINE_FIELDS.items()}
        return DeadlinePolicy(
            durations={deadline: value for deadline, value in configured.items() if value is not None},
            peak_factor=self.peak_factor,
        )


DEADLINE_FIELDS: Mapping[DeadlineId, str] = {
    deadline: field
    for deadline in DEADLINES
    for field in Settings.model_fields
    if field.startswith(f"{deadline.lower()}_")
}
"""Which setting holds which deadline's duration."""


def load_settings(**overrides: Any) -> Settings:
    """Read and check all settings; raises SettingsError naming every wrong one at once.

    In the folder of ``ORDERFLOW_SECRETS_DIR`` a file is a setting, as secrets managers mount them: its name in
    small letters (``orderflow_token_secret``), its content the value.
    """
    try:
        return Settings(_secrets_dir=os.environ.get(f"{PREFIX}SECRETS_DIR"), **overrides)
    except ValidationError as error:
        raise SettingsError([_fault(fault) for fault in error.errors(include_input=False)]) from None
    except UnreadableSetting as error:
        # Its text names the field and the source; the cause, which is dropped, holds the value.
        raise SettingsError([(PREFIX + "*", f"{error}: a mapping is written as a JSON object")]) from None


def _fault(fault: Any) -> tuple[str, str]:
    problem = str(fault["msg"]).removeprefix("Value error, ")
    # The parts below a setting's name are a mapping's keys: a channel, a key version.
    name, *below = (str(part) for part in fault["loc"] or ("oidc_issuer",))
    where = f" ({'.'.join(below)})" if below else ""
    return PREFIX + name.upper() + where, "is missing" if fault["type"] == "missing" else problem


def variable(field: str) -> str:
    """The environment variable that sets this field."""
    return PREFIX + field.upper()


def child_environment(values: Mapping[str, str]) -> dict[str, str]:
    """This process's environment with these settings (by field name) for a child process."""
    return dict(os.environ) | {variable(field): value for field, value in values.items()}
