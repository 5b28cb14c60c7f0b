"""wechatpayv3: reads notifications as a merchant's server does."""

import json
import sys

from wechatpayv3 import WeChatPay, WeChatPayType

ask = json.load(sys.stdin)
merchant = WeChatPay(
    wechatpay_type=WeChatPayType.NATIVE,
    mchid=ask["mchid"],
    private_key=ask["private_key"],
    cert_serial_no=ask["serial"],
    apiv3_key=ask["secret"],
    appid=ask["appid"],
    notify_url="https://merchant.example/notify",
    public_key=ask["public_key"],
    public_key_id=ask["public_key_id"],
)
# Its answer is none for what it does not believe.
json.dump(merchant.callback(ask["headers"], ask["body"]) or None, sys.stdout)
