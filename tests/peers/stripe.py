"""The official Stripe library for Python: signs and verifies notifications."""

import json
import sys

# A script's own folder is searched first, and this file is named like the library.
sys.path.pop(0)

import stripe  # noqa: E402

ask = json.load(sys.stdin)


def sign():
    payload = "%d.%s" % (ask["seconds"], ask["body"])
    signature = stripe.WebhookSignature._compute_signature(payload, ask["secret"])
    return "t=%d,v1=%s" % (ask["seconds"], signature)


def verify():
    try:
        event = stripe.Webhook.construct_event(ask["body"], ask["header"], ask["secret"], tolerance=300)
        return {"type": event["type"]}
    except stripe.SignatureVerificationError as error:
        return {"error": str(error)}


json.dump({"sign": sign, "verify": verify}[ask["task"]](), sys.stdout)
