"""Signatures of other clouds, by those that they publish or that their own libraries make."""

from __future__ import annotations

from datetime import UTC, datetime

from keysift.verify.message import Moment, Request
from keysift.verify.schemes.clouds import (
    AccessKey,
    AlibabaKey,
    ServiceKey,
    sign_alibaba,
    sign_baidu,
    sign_huawei,
    sign_tencent,
    sign_volcengine,
)
from tests.verify.schemes.moments import at

KEY = AccessKey(key_id="key", secret="sec" + "ret")


def test_alibaba() -> None:
    """The example of the documentation.

    https://www.alibabacloud.com/help/en/sdk/product-overview/v3-request-structure-and-signature
    """
    request = Request(
        "POST",
        "https://ecs.cn-shanghai.aliyuncs.com/?RegionId=cn-shanghai"
        "&ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd",
        {},
        b"",
    )
    own = AlibabaKey(
        key_id="YourAccessKeyId",
        secret="Your" + "AccessKeySecret",
        action="RunInstances",
        version="2014-05-26",
    )
    nonce = "3156853299f313e23d1673dc12e1703d"
    signed = sign_alibaba(request, own, at("2023-10-26T10:22:32", nonce))
    assert signed.headers["Authorization"] == (
        "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;"
        "x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,"
        "Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    )


def test_tencent() -> None:
    """The example of the documentation.

    https://cloud.tencent.com/document/product/1278/46710
    """
    body = (
        rb'{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}'
    )
    headers = {"Content-Type": "application/json; charset=utf-8"}
    own = ServiceKey(
        key_id="AKIDz8krbsJ5yKB" + "ZQpn74WFkmLPx3EXAMPLE",
        secret="Gu5t9xGARNpq86c" + "d98joQYCN3EXAMPLE",
        service="cvm",
    )
    moment = Moment(datetime.fromtimestamp(1551113065, UTC), "")
    signed = sign_tencent(
        Request("POST", "https://cvm.tencentcloudapi.com/", headers, body), own, moment
    )
    assert signed.headers["X-TC-Timestamp"] == "1551113065"
    assert signed.headers["Authorization"].endswith(
        "/2019-02-25/cvm/tc3_request, SignedHeaders=content-type;host, "
        "Signature=72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168"
    )


def test_volcengine() -> None:
    """As volcengine 1.0.229 from PyPI signs."""
    request = Request(
        "GET",
        "https://sts.volcengineapi.com/?Action=GetCallerIdentity&Version=2018-01-01",
        {},
        None,
    )
    own = ServiceKey(key_id="key", secret=KEY.secret, service="sts", region="cn-beijing")
    signed = sign_volcengine(request, own, at("2025-10-24T06:12:28"))
    assert signed.headers["Authorization"] == (
        "HMAC-SHA256 Credential=key/20251024/cn-beijing/sts/request, "
        "SignedHeaders=host;x-content-sha256;x-date, "
        "Signature=c1cc27cbe6cb09643b67a1a29f1e538f20313d3db64dea821ee4698230762a15"
    )


def test_huawei() -> None:
    """As huaweicloudsdkcore 3.1.219 from PyPI signs."""
    request = Request("GET", "https://iam.myhuaweicloud.com/v3/auth/domains?a=1", {}, None)
    signed = sign_huawei(request, KEY, at("2026-03-02T12:34:56"))
    assert signed.headers["Authorization"] == (
        "SDK-HMAC-SHA256 Access=key, SignedHeaders=host;x-sdk-date, "
        "Signature=f800a4bb04879254ef8a831ee67cbc19e09550a5688d58e97edf6615f7d361aa"
    )


def test_baidu() -> None:
    """As bce-python-sdk 0.9.79 from PyPI signs."""
    request = Request("GET", "https://bj.bcebos.com/?maxKeys=1", {}, None)
    signed = sign_baidu(request, KEY, at("2026-03-02T12:34:56"))
    assert signed.headers["Authorization"] == (
        "bce-auth-v1/key/2026-03-02T12:34:56Z/1800/host;x-bce-date/"
        "f99124e7886f6996b85343dc987846e00afcade049f161c11fc1d872c1138e90"
    )
