// The official Alipay library for Node: calls a server that speaks like Alipay, and verifies what is signed.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const { AlipaySdk } = createRequire(process.cwd() + '/')('alipay-sdk');
const ask = JSON.parse(readFileSync(0, 'utf8'));

const sdk = new AlipaySdk({
  appId: ask.app_id, privateKey: ask.private_key, keyType: 'PKCS1', alipayPublicKey: ask.public_key,
  gateway: ask.gateway, camelcase: false, timeout: 5000,
});

const tasks = {
  // One call whose answer the library verifies.
  call: async () => {
    try {
      return { ok: await sdk.exec(ask.method, { bizContent: ask.content }, { validateSign: true }) };
    } catch (error) {
      return { error: String(error.message) };
    }
  },

  // Whether the library, given the app's public key as if it were Alipay's, takes these parameters for signed by it.
  request: () => {
    const { sign, ...rest } = ask.params;
    const text = Object.keys(rest).sort().map((name) => `${name}=${rest[name]}`).join('&');
    return { genuine: sdk.rsaCheck(text, sign, 'RSA2') };
  },

  // The address of a page, made by the library.
  page: () => ({
    url: sdk.pageExec(ask.method, 'GET', { bizContent: ask.content, returnUrl: ask.return_url, notifyUrl: ask.notify_url }),
  }),

  notification: () => ({ genuine: sdk.checkNotifySignV2(Object.fromEntries(new URLSearchParams(ask.form))) }),
};

process.stdout.write(JSON.stringify(await tasks[ask.task]()));
