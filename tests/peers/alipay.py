"""The official Alipay library for Python: signs notifications as Alipay does, and verifies what we sign."""

import json
import sys
from urllib.parse import urlencode

# A script's own folder is searched first, and this file is named like the library.
sys.path.pop(0)

from alipay.aop.api.util.SignatureUtils import get_sign_content, sign_with_rsa2, verify_with_rsa  # noqa: E402

ask = json.load(sys.stdin)


def bare(pem):
    return "".join(line for line in pem.splitlines() if not line.startswith("-----"))


def notification():
    params = ask["params"]
    sign = sign_with_rsa2(bare(ask["private_key"]), get_sign_content(params), "utf-8")
    return {"form": urlencode({**params, "sign_type": "RSA2", "sign": sign})}


def request():
    params = dict(ask["params"])
    sign = params.pop("sign")
    try:
        return {"genuine": verify_with_rsa(bare(ask["public_key"]), get_sign_content(params).encode("utf-8"), sign)}
    except Exception as error:
        return {"genuine": False, "error": str(error)}


json.dump({"notification": notification, "request": request}[ask["task"]](), sys.stdout)
